"""Rows of a file that other rows of it name, by a title or by the file’s own reference."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.core.exceptions import ValidationError

from cooperation.models import ImportRow
from cooperation.values.text import fold


@dataclass(frozen=True)
class Later(Exception):
    """The row can be planned once that of this line is."""

    line: int


@dataclass
class OwnRows:
    """What the rows of the conventions’ sheet are called, and what is known of them by now."""

    lines: dict = field(default_factory=lambda: defaultdict(set))
    plans: dict[int, "Planned"] = field(default_factory=dict)
    # {key of a record: the line of its row}.
    of_records: dict = field(default_factory=dict)
    # {line: the one currency in which its row tells its amounts, or None}.
    currencies: dict = field(default_factory=dict)
    # {name: reference of the record that an earlier list calls so, or ""}.
    brought: dict = field(default_factory=dict)
    # {a row or a record (`place_of`): [facts of each part of it that the file adds, …]}.
    coming: dict = field(default_factory=lambda: defaultdict(list))
    # Lines of the rows that wait for one another.
    pending: set = field(default_factory=set)

    def note(self, line, names) -> None:
        for name in filter(None, names):
            self.lines[fold(name)].add(line)

    def named(self, text) -> int | None:
        """The line of the one row so called, or None; ValidationError where several are."""
        found = self.lines.get(fold(text), ())
        if len(found) > 1:
            numbers = ", ".join(map(str, sorted(found)))
            raise ValidationError(f"« {text[:80]} » est le nom de plusieurs lignes : {numbers}.")
        return next(iter(found), None)

    def line_of(self, value) -> int | None:
        """The line of the row that became, or will be, the record that a value stands for."""
        if isinstance(value, dict):
            return value["row"]
        return self.of_records.get(value)

    def place_of(self, value) -> object:
        """What parts of the record that a value stands for are kept under."""
        line = self.line_of(value)
        return ("record", value) if line is None else line

    def plan(self, line, planned) -> None:
        self.plans[line] = planned
        if planned.record:
            self.of_records[planned.record] = line

    def meant(self, line) -> int | dict:
        """The key of the record that the row of a line is, or {"row": line} of one to be made.

        Later where that is not known yet; Doubt or ValidationError where the row does not come in.
        """
        plan = self.plans.get(line)
        if line in self.pending:
            raise ValidationError("Avec une autre ligne, ces conventions se suivraient en rond.")
        if plan is None:
            raise Later(line)
        if plan.doubts:
            raise plan.doubts[0]
        if plan.verdict in ImportRow.LEFT_OUT:
            raise ValidationError(f"La ligne {line}, que celle-ci nomme, n’entre pas.")
        return plan.record or {"row": line, "title": f"{plan.title} (ligne {line})"}

    def turn_of(self, values) -> int:
        """In which turn a row is written: after those that it names."""
        return max((1 + self.plans[line].turn for line in lines_in(values)), default=0)


@dataclass(frozen=True)
class Planned:
    """What other rows need to know of one."""

    verdict: str
    record: int | None
    title: str
    turn: int
    doubts: list


def lines_in(values) -> Iterator:
    """Lines of the file that a planned row names."""
    for value in values.get("fields", {}).values():
        facts = value.get("facts", {}) if isinstance(value, dict) else {}
        for one in (value, *facts.values()):
            if isinstance(one, dict) and "row" in one:
                yield one["row"]


class Made:
    """What an import has made by now: partners, and the records that its rows are."""

    def __init__(self, job):
        self.job = job
        # {new_key: [key, version]}; grows.
        self.partners = job.new_partners
        self.records = {}

    def prepare(self, rows) -> None:
        """Look up what the rows name, at once for all of them."""
        lines = {line for row in rows for line in lines_in(row.values)} - self.records.keys()
        found = self.job.rows.filter(sheet=0, line__in=lines) if lines else ()
        self.records |= {row.line: row.values["record"] for row in found}

    def key(self, value) -> int:
        """The key of what a planned value stands for.

        A key; {"row": line}; a partner to be made; or {"part": model, "facts": {…}}, the one line of a
        record that has these facts.
        """
        if not isinstance(value, dict):
            return value
        if "part" in value:
            model = apps.get_model(value["part"])
            facts = {name: self.key(one) for name, one in value["facts"].items()}
            return model._base_manager.values_list("pk", flat=True).get(**facts)
        return self.records[value["row"]] if "row" in value else self.partners[new_key(value)][0]

    def same_partner(self, about) -> list:
        """[key, version] of one made under the same name, where one of the two tells no country; or []."""
        name = fold(about["name"])
        if about.get("country"):
            return self.partners.get(name, [])
        found = [known for key, known in self.partners.items() if key.startswith(f"{name}@")]
        return found[0] if len(found) == 1 else []


def new_key(about) -> str:
    """What tells apart the partners that an import makes: a name, and its country where one is told."""
    name, country = fold(about["name"]), about.get("country", "")
    return f"{name}@{country}" if country else name
