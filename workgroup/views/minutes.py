"""Minutes: written point by point, read by version, corrected, adopted."""

from hashlib import sha256

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cooperation.caching import public_page
from cooperation.entry.views import step_page
from cooperation.entry.workflow import open_steps, put_steps
from workgroup.forms import (
    CommitmentForm,
    CorrectionForm,
    MinutesForm,
    PointNotesForm,
)
from workgroup.life import CORRECTION_STEPS, MINUTES_STEPS
from workgroup.models import (
    AgendaPoint,
    Correction,
    GroupMeeting,
    Minutes,
    MinutesStatus,
    PointNotes,
    standing,
)
from workgroup.papers import minutes_paper
from workgroup.views.meetings import editable_meeting

# The part of the page that is no point.
PART = "minutes"
SENT_MEANWHILE = (
    "Ce compte rendu vient d’être envoyé aux membres : rien n’est enregistré. Copiez votre texte, puis "
    "reprenez la rédaction, ou demandez une correction."
)


def readable_minutes(user, reference) -> Minutes:
    visible = Minutes.objects.visible_to(user).select_related("meeting__group")
    return get_object_or_404(visible, meeting__reference=reference)


@public_page(reads=("version",))
def minutes_detail(request, reference) -> HttpResponseBase:
    """A version of the minutes (the latest), and what members want changed in them.

    Where nothing is written yet, whoever writes them is led there.
    """
    user = request.user
    begun = Minutes.objects.filter(meeting__reference=reference)
    if user.is_authenticated and not begun.exists():
        get_object_or_404(GroupMeeting.objects.editable_by(user), reference=reference)
        return redirect("minutes_write", reference)
    minutes = readable_minutes(user, reference)
    meeting = minutes.meeting
    own = standing(user, meeting.group)
    paper = minutes_paper(minutes, request.GET.get("version", ""), for_members=own.reads)
    if paper is None:
        raise Http404
    context = {"paper": paper, "minutes": minutes, "meeting": meeting, "standing": own}
    if user.is_authenticated:
        corrections = list(
            Correction.objects.visible_to(user)
            .filter(minutes=minutes)
            .select_related("author", "partner", "point")
        )
        put_steps(corrections, user, CORRECTION_STEPS)
        for correction in corrections:
            correction.is_own = correction.author_id == user.pk
        steps, correcting = open_steps(minutes, user, MINUTES_STEPS), minutes.is_open_to_corrections
        speaking = own.speaks and correcting
        context |= {
            "steps": [s for s in steps if s.target != MinutesStatus.ADOPTED or not correcting],
            "corrections": corrections,
            "form": CorrectionForm(user=user, minutes=minutes) if speaking else None,
        }
    return render(request, "workgroup/minutes_detail.html", context)


def minutes_step(request, reference, slug) -> HttpResponseBase:
    minutes = readable_minutes(request.user, reference)
    return step_page(request, slug, minutes, steps=MINUTES_STEPS)


def written_minutes(request, reference) -> Minutes:
    """Those of a meeting that has begun; held until what is sent is written."""
    meeting = editable_meeting(request, reference)
    if not meeting.is_written:
        raise PermissionDenied
    if request.method == "POST":
        # The meeting is held: nobody else begins them meanwhile.
        Minutes.objects.get_or_create(meeting=meeting)
        held = Minutes.objects.select_for_update(of=("self",)).select_related("meeting__group")
        return held.get(meeting=meeting)
    return Minutes.objects.filter(meeting=meeting).first() or Minutes(meeting=meeting)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def minutes_write(request, reference) -> HttpResponseBase:
    """All points one below the other, each saved as it is typed; without scripts, by its button."""
    minutes = written_minutes(request, reference)
    if request.method == "POST":
        return save_part(request, minutes)
    if minutes.is_locked:
        messages.error(
            request, "Ce compte rendu est envoyé : reprenez sa rédaction pour le changer."
        )
        return redirect(minutes)
    return writing_page(request, minutes)


def writing_page(request, minutes, refused=None) -> HttpResponseBase:
    """`refused`: the form that comes back, with what was typed and why it is not saved."""
    meeting = minutes.meeting
    points = list(meeting.points.select_related("notes", "brought_by"))
    for point in points:
        notes = getattr(point, "notes", None) or PointNotes(point=point)
        own = refused if refused and refused.prefix == point.uid else None
        point.form = own or PointNotesForm(instance=notes, prefix=point.uid)
        point.commitment_form = CommitmentForm(
            user=request.user, group=meeting.group, point=point, prefix=f"e{point.uid}"
        )
    own = refused if refused and refused.prefix == PART else None
    context = {
        "minutes": minutes,
        "meeting": meeting,
        "points": points,
        "form": own or MinutesForm(instance=minutes, prefix=PART),
    }
    return render(request, "workgroup/minutes_write.html", context)


def save_part(request, minutes) -> HttpResponseBase:
    """One part of the minutes: what the page sends by itself is answered with the text as it now is."""
    part = request.POST.get("partie", "")
    if part == PART:
        form = MinutesForm(data_of(request, part), instance=minutes, prefix=PART)
    else:
        points = AgendaPoint.objects.editable_by(request.user).filter(meeting=minutes.meeting)
        point = get_object_or_404(points, uid=part)
        notes = PointNotes.objects.filter(point=point).first() or PointNotes(point=point)
        form = PointNotesForm(data_of(request, part), instance=notes, prefix=part)
    if minutes.is_locked:
        form.add_error(None, SENT_MEANWHILE)
    is_automatic = request.headers.get("X-Autosave") == "1"
    if not form.is_valid():
        texts = [text for errors in form.errors.values() for text in errors]
        if is_automatic:
            return JsonResponse({"errors": texts}, status=409)
        return writing_page(request, minutes, refused=form)
    saved = form.save()
    if is_automatic:
        remember(request, part, form._meta.fields)
        values = {f"{part}-{name}": getattr(saved, name) for name in form._meta.fields}
        return JsonResponse({"values": values})
    messages.success(request, f"Enregistré à {timezone.localtime():%H h %M}.")
    return redirect(f"{request.path}#{part}")


def data_of(request, part) -> QueryDict:
    """What was sent. Where the answer to a sending before was lost on the way, though it was kept, the
    text began from what that one had sent.
    """
    data = request.POST.copy()
    for sending in reversed(request.POST.getlist("apres")):
        if known := caches["shared"].get(kept_under(request, part, sending)):
            for name, text in known.items():
                data[f"{part}-base_{name}"] = text
            break
    return data


def remember(request, part, names) -> None:
    if sending := request.POST.get("envoi", ""):
        sent = {name: request.POST.get(f"{part}-{name}", "") for name in names}
        caches["shared"].set(kept_under(request, part, sending), sent, timeout=3600)


def kept_under(request, part, sending) -> str:
    facts = repr((request.user.pk, part, sending))
    return f"minutes:{sha256(facts.encode()).hexdigest()[:32]}"


@login_required
@require_POST
@transaction.atomic
def commitment_add(request, reference, key) -> HttpResponseBase:
    """What somebody takes on at a point, noted as the meeting runs."""
    minutes = written_minutes(request, reference)
    point = get_object_or_404(minutes.meeting.points, uid=key)
    group = minutes.meeting.group
    form = CommitmentForm(
        request.POST, user=request.user, group=group, point=point, prefix=f"e{key}"
    )
    if minutes.is_locked:
        form.add_error(None, SENT_MEANWHILE)
    if form.is_valid():
        form.save()
        messages.success(request, "L’engagement est noté.")
        return redirect(f"{reverse('minutes_write', args=[reference])}#{key}")
    context = {"form": form, "title": f"Engagement pris : {point}", "back": minutes}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_POST
@transaction.atomic
def correction_add(request, reference) -> HttpResponseBase:
    """A member wants something changed, as long as the period runs."""
    readable_minutes(request.user, reference)
    held = Minutes.objects.select_for_update(of=("self",)).select_related("meeting__group")
    minutes = held.get(meeting__reference=reference)
    own = standing(request.user, minutes.meeting.group)
    if not own.speaks:
        raise PermissionDenied
    form = CorrectionForm(request.POST, user=request.user, minutes=minutes)
    if not minutes.is_open_to_corrections:
        form.add_error(None, "La période de correction est finie : copiez votre texte.")
    if form.is_valid():
        correction = form.instance
        correction.author, correction.partner = request.user, own.partner
        form.save()
        messages.success(request, "Votre correction est envoyée : sa suite vous sera dite.")
        return redirect(correction)
    context = {"form": form, "title": "Demander une correction", "back": minutes}
    return render(request, "cooperation/page_form.html", context)
