"""What a paper of a group says, as plain facts: shown by its page, its PDF and the API alike."""

from dataclasses import dataclass, field
from datetime import date

from workgroup.models import MinutesStatus, PointNotes, Presence


@dataclass(frozen=True)
class CommitmentLine:
    what: str
    who: str
    due_on: date | None


@dataclass(frozen=True)
class PointLine:
    number: int
    uid: str
    title: str
    brought_by: str
    outcome: str
    decisions: str
    treatment: str
    commitments: list[CommitmentLine]


@dataclass(frozen=True)
class Paper:
    """The minutes of a meeting in one version; `version` is None while they are written."""

    minutes: object
    version: object
    versions: list
    status: str
    opening: str
    closing: str
    organisations: list[str]
    points: list[PointLine]
    # For members alone: [(name, organisation, how they were there), …].
    present: list[tuple] = field(default_factory=list)

    @property
    def meeting(self) -> object:
        return self.minutes.meeting

    @property
    def key(self) -> str:
        """By which its PDF is asked for."""
        return f"{self.meeting.reference}-v{self.version.number}"


def minutes_paper(minutes, version="", *, for_members) -> Paper | None:
    """The version so numbered, or the latest; what is being written has none. None where there is no such one.

    The public reads adopted versions alone, without the names of who came.
    """
    versions = list(minutes.versions.all())
    if not for_members:
        versions = [one for one in versions if one.status == MinutesStatus.ADOPTED]
    chosen = versions[-1] if versions else None
    if version:
        chosen = next((one for one in versions if str(one.number) == version), None)
    is_written = for_members and not version and minutes.status == MinutesStatus.WRITTEN
    if is_written:
        chosen = None
    elif chosen is None:
        return None
    content = minutes.content() if is_written else chosen.content
    return Paper(
        minutes=minutes,
        version=chosen,
        versions=versions,
        status=MinutesStatus(chosen.status if chosen else minutes.status).label,
        opening=content["opening"],
        closing=content["closing"],
        organisations=content["organisations"],
        points=[point_line(n, one) for n, one in enumerate(content["points"], 1)],
        present=[present_line(one) for one in content["attendance"]] if for_members else [],
    )


def point_line(number, facts) -> PointLine:
    treatment = facts["treatment"]
    return PointLine(
        number=number,
        uid=facts["uid"],
        title=facts["title"],
        brought_by=facts["brought_by"],
        outcome=facts["outcome"],
        decisions=facts["decisions"],
        treatment=PointNotes.Treatment(treatment).label if treatment else "",
        commitments=[
            CommitmentLine(
                one["what"],
                one["who"],
                date.fromisoformat(one["due_on"]) if one["due_on"] else None,
            )
            for one in facts["commitments"]
        ],
    )


def present_line(facts) -> tuple[str, str, str]:
    how = Presence(facts["presence"]).label
    if facts["stand_in"]:
        how = f"{how} par {facts['stand_in']}"
    return facts["name"], facts["partner"], how
