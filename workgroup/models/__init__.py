"""The sub-group at work: who sits there, when it meets, what it decides, what it writes to whom."""

from workgroup.models.drafts import (
    Draft,
    DraftComment,
    DraftSection,
    DraftStatus,
    DraftVersion,
)
from workgroup.models.groups import (
    CONDUCTING,
    SPEAKING,
    GroupQuerySet,
    Mandate,
    Seat,
    Standing,
    WorkingGroup,
    standing,
)
from workgroup.models.letters import CalendarKey, Letter, LetterStatus, RefusedLetters
from workgroup.models.library import SharedDocument, shared_about
from workgroup.models.meetings import (
    AgendaPoint,
    Answer,
    Attendance,
    GroupMeeting,
    MeetingStatus,
    PointNotes,
    Presence,
    answer_for,
)
from workgroup.models.minutes import (
    Commitment,
    CommitmentStatus,
    Correction,
    Minutes,
    MinutesStatus,
    MinutesVersion,
    awaited_minutes,
    missing_minutes,
    sent_in_time,
)
from workgroup.models.ponadec import Computed, PonadecIndicator, PonadecYear
from workgroup.models.remarks import Disposition, Remark, Satisfaction

__all__ = [
    "CONDUCTING",
    "SPEAKING",
    "AgendaPoint",
    "Answer",
    "Attendance",
    "CalendarKey",
    "Commitment",
    "CommitmentStatus",
    "Computed",
    "Correction",
    "Disposition",
    "Draft",
    "DraftComment",
    "DraftSection",
    "DraftStatus",
    "DraftVersion",
    "GroupMeeting",
    "GroupQuerySet",
    "Letter",
    "LetterStatus",
    "Mandate",
    "MeetingStatus",
    "Minutes",
    "MinutesStatus",
    "MinutesVersion",
    "PointNotes",
    "PonadecIndicator",
    "PonadecYear",
    "Presence",
    "RefusedLetters",
    "Remark",
    "Satisfaction",
    "Seat",
    "SharedDocument",
    "Standing",
    "WorkingGroup",
    "answer_for",
    "awaited_minutes",
    "missing_minutes",
    "sent_in_time",
    "shared_about",
    "standing",
]
