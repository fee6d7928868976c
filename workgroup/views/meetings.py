"""A meeting: its page, its agenda, who comes, its papers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cooperation.caching import public_page
from cooperation.entry.files import deposit, keep_files
from cooperation.entry.views import step_page
from cooperation.entry.workflow import open_steps
from cooperation.lists.pages import paginate
from cooperation.models import Document
from cooperation.values.text import clean_text
from workgroup.calendars import calendar_of, event_of
from workgroup.forms import (
    AnswerForm,
    GuestForm,
    MeetingDocumentForm,
    MeetingForm,
    PointForm,
    PresenceForm,
)
from workgroup.letters import ANSWER_SALT, signed_for, write
from workgroup.life import MEETING_STEPS
from workgroup.models import (
    AgendaPoint,
    Attendance,
    Commitment,
    GroupMeeting,
    MeetingStatus,
    Minutes,
    WorkingGroup,
    answer_for,
    missing_minutes,
    standing,
)

# Seconds for which a visitor may read that a meeting is still to come.
SOON = 60
CHANGED = "Ce qui change part aux membres dans un seul message, dans cinq minutes."


@public_page(reads=("page",), kept_for=SOON)
def meeting_list(request) -> HttpResponseBase:
    """Every meeting that was announced, and the minutes that are missing, by year."""
    meetings = GroupMeeting.objects.visible_to(request.user).select_related("group", "minutes")
    missing = {}
    for meeting, days in missing_minutes(GroupMeeting.objects.visible_to(request.user)):
        missing.setdefault(timezone.localdate(meeting.starts_at).year, []).append((meeting, days))
    context = {"page": paginate(request, meetings), "missing": missing.items()}
    return render(request, "workgroup/meeting_list.html", context)


@public_page(kept_for=SOON)
def meeting_detail(request, reference) -> HttpResponseBase:
    user = request.user
    visible = GroupMeeting.objects.visible_to(user).select_related("group")
    meeting = get_object_or_404(visible, reference=reference)
    group = meeting.group
    minutes = Minutes.objects.visible_to(user).filter(meeting=meeting).first()
    context = {
        "meeting": meeting,
        "points": meeting.points.select_related("brought_by"),
        "documents": meeting.documents.visible_to(user),
        "minutes": minutes,
        "late": dict(missing_minutes(GroupMeeting.objects.filter(pk=meeting.pk))).get(meeting),
        "standing": standing(user, group),
    }
    if user.is_authenticated:
        context |= private_facts(user, meeting, context["standing"])
    return render(request, "workgroup/meeting_detail.html", context)


def private_facts(user, meeting, own) -> dict:
    """What members see of a meeting and may do there."""
    steps = open_steps(meeting, user, MEETING_STEPS)
    # What has not begun is not over.
    facts = {"steps": [s for s in steps if s.target != MeetingStatus.HELD or meeting.is_written]}
    if own.reads:
        attendance = meeting.attendance.select_related("user", "partner")
        answer = attendance.filter(user=user).first()
        facts |= {
            "attendance": attendance,
            "coming": attendance.coming().count(),
            "own": answer,
            "answer": AnswerForm(instance=answer) if own.sits and meeting.awaits_answers else None,
        }
    return facts


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def meeting_add(request, slug) -> HttpResponseBase:
    group = get_object_or_404(WorkingGroup.objects.conducted_by(request.user), slug=slug)
    form = MeetingForm(
        request.POST or None,
        instance=GroupMeeting(title=f"Réunion : {group}"[:200]),
        user=request.user,
        group=group,
    )
    if form.is_valid():
        meeting = form.save()
        if form.cleaned_data["takes_agenda"] and (last := last_held(group, meeting)):
            meeting.agenda_from(last)
        messages.success(request, "La réunion est en préparation : personne n’est encore prévenu.")
        return redirect("agenda", meeting.reference)
    context = {"form": form, "title": "Préparer une réunion", "back": group}
    return render(request, "cooperation/page_form.html", context)


def last_held(group, meeting) -> GroupMeeting | None:
    """The latest meeting of a group that took place."""
    return group.meetings.took_place().exclude(pk=meeting.pk).first()


def editable_meeting(request, reference) -> GroupMeeting:
    """Held until what is sent is written: of two who change it, the second changes what the first left."""
    editable = GroupMeeting.objects.editable_by(request.user).select_related("group")
    if request.method == "POST":
        editable = editable.select_for_update(of=("self",))
    return get_object_or_404(editable, reference=reference)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def meeting_edit(request, reference) -> HttpResponseBase:
    meeting = editable_meeting(request, reference)
    form = MeetingForm(request.POST or None, instance=meeting, user=request.user)
    if form.is_valid():
        meeting = form.save()
        messages.success(request, "La réunion est enregistrée.")
        if form.has_changed() and tell_change(meeting):
            messages.info(request, CHANGED)
        return redirect(meeting)
    context = {"form": form, "title": f"Modifier : {meeting.title}", "back": meeting}
    return render(request, "cooperation/page_form.html", context)


def tell_change(meeting) -> bool:
    """To the members, once it is convened and as long as it is to come."""
    if not meeting.awaits_answers:
        return False
    return write(
        "meeting_changed",
        meeting,
        meeting.group.people(),
        group=meeting.group,
        # One that waits already says this too; after it has left, another says what is new.
        key=f"{meeting.reference}:{timezone.now().isoformat()}",
    )


@login_required
@require_POST
@transaction.atomic
def meeting_delete(request, reference) -> HttpResponseBase:
    """As long as nobody was told of it."""
    meeting = editable_meeting(request, reference)
    if not meeting.may_be_deleted:
        messages.error(
            request, "Cette réunion est annoncée : elle s’annule, elle ne se supprime pas."
        )
        return redirect(meeting)
    # What members proposed waits for the next one; the rest goes with the meeting.
    meeting.points.exclude(proposed_by=None).update(meeting=None, position=0)
    meeting.delete()
    messages.success(
        request, "La réunion en préparation est supprimée ; ses points attendent la suivante."
    )
    return redirect(meeting.group)


def meeting_step(request, reference, slug) -> HttpResponseBase:
    meeting = get_object_or_404(GroupMeeting.objects.visible_to(request.user), reference=reference)
    return step_page(request, slug, meeting, steps=MEETING_STEPS)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def agenda(request, reference) -> HttpResponseBase:
    """The points in their order, what members propose, what is left from before."""
    meeting = editable_meeting(request, reference)
    group = meeting.group
    if meeting.is_locked:
        raise PermissionDenied
    form = PointForm(
        request.POST if "title" in request.POST else None, user=request.user, group=group
    )
    if request.method == "POST":
        if "title" not in request.POST:
            return change_agenda(request, meeting)
        if form.is_valid():
            form.instance.meeting = meeting
            form.save()
            tell_change(meeting)
            return redirect("agenda", reference)
    points = AgendaPoint.objects.visible_to(request.user)
    context = {
        "meeting": meeting,
        "points": meeting.points.select_related("brought_by", "notes"),
        "box": points.filter(group=group).in_box().select_related("proposed_by", "brought_by"),
        "left_over": points.left_over(group).select_related("meeting"),
        "commitments": Commitment.objects.visible_to(request.user).open().filter(group=group),
        "form": form,
    }
    return render(request, "workgroup/agenda.html", context)


def change_agenda(request, meeting) -> HttpResponseBase:
    """One tap on a point: up, down, off, onto the agenda, set aside."""
    what, points = request.POST.get("faire", ""), AgendaPoint.objects.editable_by(request.user)
    if what not in CHANGES:
        raise Http404
    change, may_be = CHANGES[what]
    offered = may_be(points.filter(group=meeting.group), meeting)
    point = get_object_or_404(offered, uid=clean_text(request.POST.get("point", "")))
    change(point, meeting, request)
    tell_change(meeting)
    return redirect("agenda", meeting.reference)


def take_up(point, meeting, request) -> None:
    """From the box, or from a former meeting where it was not treated."""
    if point.meeting_id is None:
        point.meeting = meeting
        point.save()
    else:
        AgendaPoint.objects.create(
            group=meeting.group,
            meeting=meeting,
            title=point.title,
            detail=point.detail,
            duration=point.duration,
            brought_by=point.brought_by,
            follows=point,
        )


def take_off(point, meeting, request) -> None:
    """Back into the box where a member proposed it; away where it was written here."""
    if not point.may_be_deleted:
        messages.error(request, f"« {point} » a déjà des notes : il reste à l’ordre du jour.")
    elif point.proposed_by_id:
        point.meeting, point.position = None, 0
        point.save()
    else:
        point.delete()


def set_aside(point, meeting, request) -> None:
    """A proposed point that will not be on an agenda; whoever proposed it reads why."""
    reason = clean_text(request.POST.get("pourquoi", "")).strip()
    if reason:
        point.set_aside_at, point.set_aside_because = timezone.now(), reason[:500]
        point.save()
    else:
        messages.error(request, "Dites pourquoi ce point n’est pas inscrit : son auteur le lira.")


def move_up(point, meeting, request) -> None:
    point.move(-1)


def move_down(point, meeting, request) -> None:
    point.move(1)


def on_agenda(points, meeting) -> QuerySet:
    return points.filter(meeting=meeting)


def in_box(points, meeting) -> QuerySet:
    return points.in_box()


def offered_to(points, meeting) -> QuerySet:
    return points.in_box() | points.left_over(meeting.group)


# What a tap does, and to which points it may be done.
CHANGES = {
    "monter": (move_up, on_agenda),
    "descendre": (move_down, on_agenda),
    "inscrire": (take_up, offered_to),
    "oter": (take_off, on_agenda),
    "ecarter": (set_aside, in_box),
}


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def point_edit(request, reference, key) -> HttpResponseBase:
    meeting = editable_meeting(request, reference)
    if meeting.is_locked:
        raise PermissionDenied
    point = get_object_or_404(meeting.points, uid=key)
    form = PointForm(request.POST or None, instance=point, user=request.user, group=meeting.group)
    if form.is_valid():
        form.save()
        tell_change(meeting)
        messages.success(request, "Le point est enregistré.")
        return redirect("agenda", reference)
    context = {"form": form, "title": f"Modifier : {point}", "back": meeting}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_POST
@transaction.atomic
def meeting_answer(request, reference) -> HttpResponseBase:
    """Whether a member comes."""
    meeting = get_object_or_404(GroupMeeting.objects.visible_to(request.user), reference=reference)
    return take_answer(request, meeting, request.user, meeting.get_absolute_url())


@require_http_methods(["GET", "POST"])
@transaction.atomic
def meeting_answer_by_mail(request, token) -> HttpResponseBase:
    """The same from the link of a letter, without signing in: as long as the person sits there."""
    person, key = signed_for(token, ANSWER_SALT)
    meeting = get_object_or_404(GroupMeeting.objects.of_groups_where(person).public(), pk=key)
    if request.method == "POST":
        return take_answer(request, meeting, person, request.path)
    own = meeting.attendance.filter(user=person).first()
    context = {"meeting": meeting, "form": AnswerForm(instance=own), "own": own}
    return render(request, "workgroup/meeting_answer.html", context)


def take_answer(request, meeting, person, back) -> HttpResponseBase:
    if not standing(person, meeting.group).sits:
        raise PermissionDenied
    if not meeting.awaits_answers:
        messages.error(
            request, "Cette réunion n’attend plus de réponse : elle est passée ou annulée."
        )
        return redirect(back)
    form = AnswerForm(request.POST, instance=Attendance(meeting=meeting, user=person))
    if form.is_valid():
        answer_for(meeting, person, form.cleaned_data["answer"], form.cleaned_data["stand_in"])
        messages.success(request, "C’est noté. Vous pouvez changer de réponse jusqu’à la réunion.")
        return redirect(back)
    context = {"meeting": meeting, "form": form, "own": None}
    return render(request, "workgroup/meeting_answer.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def attendance(request, reference) -> HttpResponseBase:
    """Who came: the list begins with what each answered. Only what is changed here is written."""
    meeting = editable_meeting(request, reference)
    if not meeting.may_be_written:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    guest = GuestForm(
        data if data and data.get("guest") else None, meeting=meeting, user=request.user
    )
    forms = [
        PresenceForm(
            data, instance=line, prefix=f"u{line.user_id}" if line.user_id else f"i{line.pk}"
        )
        for line in expected_at(meeting)
    ]
    sent = [form for form in forms if form.is_sent]
    valid = [form.is_valid() for form in sent]
    if data is not None and all(valid) and (not guest.is_bound or guest.is_valid()):
        for form in sent:
            form.save()
        if guest.is_bound:
            guest.save()
        messages.success(request, "Les présences sont enregistrées.")
        return redirect("attendance" if guest.is_bound else "minutes_write", reference)
    context = {"meeting": meeting, "forms": forms, "guest": guest}
    return render(request, "workgroup/attendance.html", context)


def expected_at(meeting) -> list[Attendance]:
    """Those who answered or are noted already, then the others who sat there on that day."""
    lines = list(meeting.attendance.select_related("user", "partner"))
    day = timezone.localdate(meeting.starts_at)
    held = meeting.group.mandates.on(day).exclude(user__in=[line.user_id for line in lines])
    return lines + [
        Attendance(meeting=meeting, user=mandate.user, partner=mandate.partner)
        for mandate in held.filter(user__is_active=True).select_related("user", "partner")
    ]


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def meeting_document_add(request, reference) -> HttpResponseBase:
    """A paper of the meeting; what all may read is published with it."""
    meeting = editable_meeting(request, reference)
    form = MeetingDocumentForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid():
        access = Document.Access
        document = deposit(
            form.cleaned_data["file"],
            user=request.user,
            kind=Document.Kind.OTHER,
            title=form.cleaned_data["title"],
            access=access.MEMBERS if form.cleaned_data["for_members"] else access.PUBLIC,
        )
        meeting.documents.add(document)
        if meeting.is_announced:
            document.publish(request.user)
        tell_change(meeting)
        messages.success(request, "Le document est joint à la réunion.")
        return redirect(meeting)
    keep_files(form)
    context = {"form": form, "title": "Joindre un document", "back": meeting, "has_files": True}
    return render(request, "cooperation/page_form.html", context)


@public_page
def meeting_file(request, reference) -> HttpResponseBase:
    """The meeting, for a calendar; with its link for those who sit there."""
    user = request.user
    meetings = GroupMeeting.objects.visible_to(user).public()
    meeting = get_object_or_404(meetings, reference=reference)
    reads = standing(user, meeting.group).reads
    content = calendar_of(meeting.title, [event_of(meeting, for_members=reads)])
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
