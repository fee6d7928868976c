"""The sub-group's own pages: what it does now, who sits there, what was taken on, what was written to whom."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperation.caching import public_page
from cooperation.entry.views import step_page
from cooperation.entry.workflow import put_steps
from cooperation.lists.pages import paginate
from cooperation.roles import is_secretariat
from workgroup.calendars import personal_calendar, public_calendar
from workgroup.feeds import public_feed
from workgroup.forms import CommitmentForm, MandateForm, PointForm, WorkingGroupForm
from workgroup.letters import KINDS, REFUSAL_SALT, signed_for
from workgroup.life import COMMITMENT_STEPS
from workgroup.models import (
    AgendaPoint,
    CalendarKey,
    Commitment,
    Draft,
    DraftComment,
    GroupMeeting,
    Letter,
    Mandate,
    Minutes,
    MinutesStatus,
    RefusedLetters,
    WorkingGroup,
    missing_minutes,
    standing,
)
from workgroup.models.letters import NOT_REACHED
from workgroup.views.meetings import SOON

CALENDAR = "text/calendar; charset=utf-8"


@public_page(kept_for=SOON)
def workgroup_home(request) -> HttpResponseBase:
    """What is next, what is late, what waits for the person."""
    user = request.user
    meetings = GroupMeeting.objects.visible_to(user).select_related("group")
    context = {
        "groups": WorkingGroup.objects.visible_to(user),
        "upcoming": meetings.upcoming(),
        "drafts": Draft.objects.visible_to(user).open().select_related("partner"),
        "missing": missing_minutes(meetings),
        "adopted": Minutes.objects.visible_to(user)
        .filter(status=MinutesStatus.ADOPTED)
        .select_related("meeting")[:5],
    }
    if user.is_authenticated:
        minutes = Minutes.objects.visible_to(user).select_related("meeting__group")
        context |= {
            "commitments": Commitment.objects.visible_to(user).open().filter(user=user),
            "corrected": minutes.filter(status=MinutesStatus.CORRECTED),
            "answered": DraftComment.objects.authored_by(user)
            .answered()
            .filter(satisfied="")
            .select_related("draft"),
            "conducted": WorkingGroup.objects.conducted_by(user),
            "is_sitting": user.mandates.on(timezone.localdate()).exists(),
        }
    return render(request, "workgroup/home.html", context)


@public_page(kept_for=SOON)
def group_detail(request, slug) -> HttpResponseBase:
    group = get_object_or_404(WorkingGroup.objects.visible_to(request.user), slug=slug)
    meetings = GroupMeeting.objects.visible_to(request.user).filter(group=group)
    own = standing(request.user, group)
    context = {
        "group": group,
        "upcoming": meetings.upcoming(),
        "past": meetings.filter(ends_at__lt=timezone.now()).select_related("minutes")[:20],
        "missing": missing_minutes(meetings),
        "organisations": group.organisations(),
        "standing": own,
    }
    if own.reads:
        context |= {
            "mandates": group.mandates.on(timezone.localdate()).select_related("user", "partner"),
            "box": AgendaPoint.objects.visible_to(request.user).filter(group=group).in_box(),
            "form": PointForm(user=request.user, group=group),
        }
    return render(request, "workgroup/group_detail.html", context)


@permission_required("workgroup.add_workinggroup", raise_exception=True)
@require_http_methods(["GET", "POST"])
@transaction.atomic
def group_edit(request, slug=None) -> HttpResponseBase:
    editable = WorkingGroup.objects.editable_by(request.user)
    group = get_object_or_404(editable, slug=slug) if slug else WorkingGroup()
    form = WorkingGroupForm(request.POST or None, instance=group, user=request.user)
    if form.is_valid():
        group = form.save()
        messages.success(request, "Le groupe est enregistré.")
        return redirect(group)
    title = f"Modifier : {group}" if slug else "Ajouter un groupe"
    return render(
        request, "cooperation/page_form.html", {"form": form, "title": title, "back": group}
    )


@login_required
@require_safe
def mandate_list(request, slug) -> HttpResponseBase:
    """Who sits in a group, and who sat: for its members."""
    group = get_object_or_404(WorkingGroup.objects.visible_to(request.user), slug=slug)
    mandates = Mandate.objects.visible_to(request.user).filter(group=group)
    if not standing(request.user, group).reads:
        raise PermissionDenied
    context = {
        "group": group,
        "mandates": mandates.select_related("user", "partner"),
        "may_edit": request.user.has_perm("workgroup.change_mandate"),
    }
    return render(request, "workgroup/mandate_list.html", context)


@permission_required("workgroup.change_mandate", raise_exception=True)
@require_http_methods(["GET", "POST"])
@transaction.atomic
def mandate_edit(request, slug, key=None) -> HttpResponseBase:
    # Held until the mandate is there: of two people who fill the same seat, the second is told.
    groups = WorkingGroup.objects.editable_by(request.user).select_for_update()
    group = get_object_or_404(groups, slug=slug)
    editable = Mandate.objects.editable_by(request.user).filter(group=group)
    mandate = get_object_or_404(editable, uid=key) if key else Mandate()
    form = MandateForm(request.POST or None, instance=mandate, user=request.user, group=group)
    if form.is_valid():
        form.save()
        messages.success(request, "Le mandat est enregistré.")
        return redirect("mandate_list", slug)
    title = "Modifier le mandat" if key else "Donner un mandat"
    return render(
        request, "cooperation/page_form.html", {"form": form, "title": title, "back": group}
    )


@login_required
@require_POST
@transaction.atomic
def point_propose(request, slug) -> HttpResponseBase:
    """Into the box of the group, for its next agenda."""
    group = get_object_or_404(WorkingGroup.objects.spoken_in_by(request.user), slug=slug)
    form = PointForm(request.POST, user=request.user, group=group)
    if form.is_valid():
        form.instance.proposed_by = request.user
        form.save()
        messages.success(request, "Votre point est proposé pour la prochaine réunion.")
        return redirect(group)
    context = {"form": form, "title": "Proposer un point", "back": group}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_safe
def commitment_list(request) -> HttpResponseBase:
    """What was taken on in the groups of a person: what is late first."""
    commitments = Commitment.objects.visible_to(request.user).select_related(
        "group", "user", "point__meeting"
    )
    open_ones = list(commitments.open())
    put_steps(open_ones, request.user, COMMITMENT_STEPS)
    editable = set(Commitment.objects.editable_by(request.user).open().values_list("pk", flat=True))
    for commitment in open_ones:
        commitment.may_edit = commitment.pk in editable
    context = {
        "late": [c for c in open_ones if c.is_late],
        "coming": [c for c in open_ones if not c.is_late],
        "page": paginate(request, commitments.exclude(pk__in=[c.pk for c in open_ones])),
    }
    return render(request, "workgroup/commitment_list.html", context)


def commitment_step(request, key, slug) -> HttpResponseBase:
    visible = Commitment.objects.visible_to(request.user)
    commitment = get_object_or_404(visible, uid=key)
    return step_page(request, slug, commitment, steps=COMMITMENT_STEPS)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def commitment_edit(request, key) -> HttpResponseBase:
    commitment = get_object_or_404(Commitment.objects.editable_by(request.user).open(), uid=key)
    form = CommitmentForm(
        request.POST or None, instance=commitment, user=request.user, group=commitment.group
    )
    if form.is_valid():
        form.save()
        messages.success(request, "L’engagement est enregistré.")
        return redirect(commitment)
    context = {"form": form, "title": "Modifier l’engagement", "back": commitment}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def letter_list(request) -> HttpResponseBase:
    """What was written to a person, why, and what did not leave; to the secretariat, of everybody."""
    user = request.user
    if request.method == "POST":
        return change_letters(request)
    letters = Letter.objects.visible_to(user).select_related("user", "group")
    lost = letters.filter(status__in=NOT_REACHED)
    if request.GET.get("perdus"):
        letters = lost
    page = paginate(request, letters)
    for letter in page:
        letter.kind = KINDS[letter.name]
    refused = set(user.refused_letters.values_list("name", flat=True))
    key = CalendarKey.objects.filter(user=user).first()
    context = {
        "page": page,
        "lost": lost.count(),
        "choices": [(n, k, n in refused) for n, k in KINDS.items() if not k.is_duty],
        "calendar": key,
        "reads_all": is_secretariat(user),
    }
    return render(request, "workgroup/letter_list.html", context)


def change_letters(request) -> HttpResponseBase:
    """Refuse a kind of letters or take it again; get an address of one's calendar, or another."""
    user, name = request.user, request.POST.get("nom", "")
    if "calendrier" in request.POST:
        with transaction.atomic():
            CalendarKey.objects.filter(user=user).delete()
            CalendarKey.objects.create(user=user)
        messages.success(
            request, "Votre calendrier a une nouvelle adresse ; l’ancienne est fermée."
        )
    elif name in KINDS and not KINDS[name].is_duty:
        if "reprendre" in request.POST:
            user.refused_letters.filter(name=name).delete()
            messages.success(request, "Vous recevrez de nouveau ces courriels.")
        else:
            RefusedLetters.objects.get_or_create(user=user, name=name)
            messages.success(request, "Vous ne recevrez plus ces courriels.")
    else:
        raise Http404
    return redirect("letter_list")


# The program that reads mail posts here by itself, from no page of ours.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def letters_refused(request, token) -> HttpResponseBase:
    """The one click of an e-mail that is no duty: asked by GET, done by POST."""
    person, name = signed_for(token, REFUSAL_SALT)
    if name not in KINDS or KINDS[name].is_duty:
        raise Http404
    done = request.method == "POST"
    if done:
        RefusedLetters.objects.get_or_create(user=person, name=name)
    return render(request, "workgroup/letters_refused.html", {"kind": KINDS[name], "done": done})


@public_page
def meeting_calendar(request) -> HttpResponseBase:
    return HttpResponse(public_calendar(), content_type=CALENDAR)


@public_page(kept_for=SOON)
def group_feed(request) -> HttpResponseBase:
    content = public_feed(reverse("workgroup_home"), request.path)
    return HttpResponse(content, content_type="application/atom+xml; charset=utf-8")


@require_safe
def own_calendar(request, token) -> HttpResponseBase:
    """A person's meetings with their links, for a program that does not sign in."""
    key = get_object_or_404(CalendarKey.objects.filter(user__is_active=True), token=token)
    response = HttpResponse(personal_calendar(key.user), content_type=CALENDAR)
    response["Cache-Control"] = "private, no-store"
    return response
