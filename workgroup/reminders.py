"""What a day asks to be recalled: each occasion once, whenever and however often this runs."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from workgroup.letters import write
from workgroup.models import (
    CONDUCTING,
    SPEAKING,
    Commitment,
    Draft,
    DraftStatus,
    GroupMeeting,
    Mandate,
    MeetingStatus,
    Seat,
    WorkingGroup,
    awaited_minutes,
)

SOON = timedelta(days=2)
# Days after a meeting on which its minutes are recalled; then every week after the last.
MINUTES_ON, THEN_EVERY = (7, 12, 15), 7
# Days before the end of a co-chair's year.
MANDATE_ON = (60, 14)
# Days before its date on which a commitment is recalled; once it is late, every week.
COMMITMENT_ON = 3
# Days before the end of its remarks on which a draft is recalled to who said nothing.
DRAFT_ON = 3


def recall() -> None:
    """Write the letters that today asks for: what a missed day would have said is said by the latest alone."""
    recall_meetings()
    recall_drafts()
    announce_documents()
    recall_minutes()
    recall_commitments()
    recall_mandates()


def recall_meetings() -> None:
    soon = timezone.now() + SOON
    # Convened so late, it is in nobody's mind already.
    meetings = GroupMeeting.objects.upcoming().filter(
        status=MeetingStatus.CONVENED, starts_at__lte=soon, announced_at__lt=F("starts_at") - SOON
    )
    for meeting in meetings.select_related("group"):
        write(
            "meeting_soon",
            meeting,
            meeting.group.people(),
            group=meeting.group,
            key=f"{meeting.reference}:{meeting.starts_at.isoformat()}",
            at_once=True,
        )


def recall_drafts() -> None:
    """To members who have said nothing, before the end; to those who answer, after it."""
    today = timezone.localdate()
    for draft in Draft.objects.filter(status=DraftStatus.OPEN).select_related("group"):
        key, left = f"{draft.reference}:{draft.closes_on}", draft.days_left
        if 0 <= left <= DRAFT_ON:
            said = draft.comments.counted().values("author")
            silent = draft.group.people(SPEAKING).exclude(pk__in=said)
            write("draft_closing", draft, silent, group=draft.group, key=key, at_once=True)
        elif draft.closes_on < today and draft.comments.waiting().exists():
            people = draft.group.people(CONDUCTING)
            write("draft_closed", draft, people, group=draft.group, key=key, at_once=True)


def announce_documents() -> None:
    """What was shared since the last digest, in one letter a group; each document in one digest only."""
    today = timezone.localdate()
    for group in WorkingGroup.objects.filter(library__announced_on=None).distinct():
        new = group.library.filter(announced_on=None)
        if new.update(announced_on=today):
            people = group.people()
            write("documents_shared", group, people, group=group, key=str(today), at_once=True)


def recall_minutes() -> None:
    today = timezone.localdate()
    for meeting in awaited_minutes(GroupMeeting.objects.all()):
        days = (today - timezone.localdate(meeting.ends_at)).days
        if milestone := latest_milestone(days):
            write(
                "minutes_late",
                meeting,
                meeting.group.people(CONDUCTING),
                group=meeting.group,
                key=f"{meeting.reference}:{milestone}",
                at_once=True,
            )


def latest_milestone(days: int) -> int | None:
    """The last of the days on which minutes are recalled that is not after so many."""
    last = MINUTES_ON[-1]
    if days > last:
        return last + (days - last) // THEN_EVERY * THEN_EVERY
    return max((one for one in MINUTES_ON if one <= days), default=None)


def recall_commitments() -> None:
    today = timezone.localdate()
    dated = Commitment.objects.open().filter(
        user__isnull=False, due_on__lte=today + timedelta(days=COMMITMENT_ON)
    )
    for commitment in dated.select_related("group", "user"):
        late = (today - commitment.due_on).days
        occasion = f"late-{(late - 1) // THEN_EVERY}" if late > 0 else "soon"
        write(
            "commitment_due",
            commitment,
            commitment.group.people().filter(pk=commitment.user_id),
            group=commitment.group,
            key=f"{commitment.uid}:{commitment.due_on}:{occasion}",
            at_once=True,
        )


def recall_mandates() -> None:
    """To the co-chair, and to those who conduct the group."""
    today = timezone.localdate()
    for mandate in Mandate.objects.filter(seat=Seat.COCHAIR).on(today).select_related("group"):
        left = (mandate.ends_on - today).days
        occasion = min((days for days in MANDATE_ON if left <= days), default=None)
        if occasion is not None:
            write(
                "mandate_ends",
                mandate,
                mandate.group.people(CONDUCTING),
                group=mandate.group,
                key=f"{mandate.uid}:{mandate.ends_on}:{occasion}",
                at_once=True,
            )
