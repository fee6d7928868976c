"""From a row of a list to what it changes in the registry: planned, then written."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from cooperation.importing.columns import Column, Facts
from cooperation.importing.comparing import Comparison, check_record
from cooperation.importing.lines import Lines, join
from cooperation.importing.matching import LEAVE, Doubt, PartnerMatcher
from cooperation.importing.sheets import MAX_BYTES, MAX_ROWS, read_sheet, unsafe
from cooperation.models import ImportRow, Partner
from cooperation.values.money import format_number
from cooperation.values.text import fold


@dataclass
class Plan:
    """What a row would do: nothing is written yet."""

    verdict: str = ImportRow.Verdict.REFUSED
    title: str = ""
    target: str = ""
    changes: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


class RecordImporter:
    """Reads the rows of one kind of list, as one person who may do certain things."""

    # A template that is given the class shows it, and does not make one.
    do_not_call_in_templates = True

    # What a person may choose as a file, and what is said of it.
    accepts = ".xlsx,.ods,.csv"
    file_help = (
        f"XLSX, ODS ou CSV ; {format_number(MAX_ROWS)} lignes et {MAX_BYTES // 2**20} Mo au plus. "
        "La première feuille est lue ; sa première ligne porte les titres des colonnes."
    )

    # In which formats rows that are left out are given back, to mend and send again.
    gives_back = ("xlsx", "csv")

    kind = ""
    label = ""
    model = None
    columns: tuple[Column, ...] = ()
    lines: tuple[Lines, ...] = ()
    # Many-to-many fields that a list adds to.
    links: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()

    def __init__(self, user, answers=None, reason=""):
        self.user, self.answers, self.reason = user, answers or {}, reason
        self.matcher = PartnerMatcher(Partner.objects.linkable_by(user), self.answers)
        # What earlier rows of the same file are, so that none is there twice: {key: line}.
        self.seen = {}

    # Headings

    @classmethod
    def read_file(cls, file) -> list[tuple]:
        """[(line, cells), …], the first with the headings; ValidationError for another kind of file."""
        return read_sheet(file)

    @classmethod
    def recognise(cls, headings) -> list[tuple | None]:
        """[(Column, number of its line or None) or None, …]: what each heading of a file means."""
        known = {}
        for column in cls.columns:
            for text in (column.heading, *column.also):
                known.setdefault(fold(text), column)
        found, taken = [], set()
        for heading in headings:
            text, number = fold(heading), None
            column = known.get(text)
            if column is None and (numbered := re.fullmatch(r"(.+?) ?(\d{1,2})", text)):
                column, number = known.get(numbered[1]), int(numbered[2])
                if column and not column.is_numbered:
                    column = None
            if column and column.is_numbered and number is None:
                number = 1
            meaning = column and (column, number)
            if meaning and meaning in taken:
                raise ValidationError(f"La colonne « {heading} » est là deux fois. Gardez-en une.")
            taken.add(meaning)
            found.append(meaning)
        missing = [c.heading for c in cls.columns if c.required and (c, None) not in taken]
        if missing:
            raise ValidationError(
                f"Il manque la colonne « {missing[0]} ». La première ligne porte les titres des "
                "colonnes, comme dans le modèle à télécharger."
            )
        return found

    # Reading a row

    def plan(self, meanings, cells, line) -> Plan:
        """The Plan of one row; never raises for what a file may hold."""
        plan = Plan()
        values = self.read(meanings, cells, plan)
        plan.title = str(values["fields"].get(self.title_field) or "")[:250]
        if not plan.errors:
            try:
                self.plan_record(plan, values, line)
            except ValidationError as error:
                plan.errors += named(error, self.columns)
            except Doubt as doubt:
                plan.doubts.append(doubt)
        return self.judged(plan)

    def judged(self, plan) -> Plan:
        """The plan with its verdict, where something is wrong or left open."""
        left = [doubt for doubt in plan.doubts if self.answers.get(doubt.key) == LEAVE]
        plan.doubts = [doubt for doubt in plan.doubts if doubt not in left]
        plan.errors += [
            ["", f"« {doubt.text} » : laissé de côté, à votre demande."] for doubt in left
        ]
        if plan.errors:
            plan.verdict, plan.doubts = ImportRow.Verdict.REFUSED, []
        elif plan.doubts:
            plan.verdict = ImportRow.Verdict.ASKED
            plan.errors = [["", f"« {doubt.text} » : qui est-ce ?"] for doubt in plan.doubts]
        return plan

    def plan_record(self, plan, values, line) -> None:
        """Doubt and ValidationError pass through; what is wrong is told before what is asked."""
        if plan.doubts:
            fields = {f.name for f in self.model._meta.fields if f.editable and not f.remote_field}
            facts = {name: v for name, v in values["fields"].items() if name in fields}
            check_record(self.model(**facts))
            return
        record = self.find(values, line)
        said = {"fields": dict(values["fields"]), "lines": values["lines"].copy()}
        Comparison(self, plan, values).fill(record)
        self.check_row(said, record, line)
        plan.values = values

    def read(self, meanings, cells, plan) -> dict:
        """{"fields": {…}, "links": {…}, "lines": {group: [{…}, …]}} of what the cells say."""
        values = {"fields": {}, "links": {}, "lines": defaultdict(list)}
        groups, in_error = defaultdict(dict), set()
        if any(cells[len(meanings) :]):
            plan.errors.append(
                ["", "Cette ligne a plus de cellules que la première n’a de titres."]
            )
        for meaning, text in zip(meanings, cells, strict=False):
            if not meaning or not text:
                continue
            column, number = meaning
            key = (column.group, number, *column.line.items())
            try:
                self.keep(self.read_cell(column, text), column, values, groups[key])
            except ValidationError as error:
                in_error.add(key)
                heading = column.heading_of(number)
                plan.errors += [[heading, message] for message in error.messages]
            except Doubt as doubt:
                in_error.add(key)
                plan.doubts.append(doubt)
        for column in self.columns:
            if column.required and not values["fields"].get(column.name) and not plan.errors:
                plan.errors.append([column.heading, "Remplissez cette cellule."])
        for key, line in groups.items():
            if key[0]:
                values["lines"][key[0]].append(line)
                plan.errors += self.missing_in(line, key) if key not in in_error else []
        return values

    def read_cell(self, column, text) -> object:
        """The value of a cell; ValidationError or Doubt where it has none."""
        if trouble := unsafe(text):
            raise ValidationError(f"« {text[:40]} » {trouble}")
        return column.read(text, self)

    def keep(self, value, column, values, line) -> None:
        """Put a value where its column says: a field, a link, or the line of its group."""
        if column.group:
            line |= column.line
            join(line, value if isinstance(value, Facts) else {column.name: value})
        else:
            place = "links" if column.name in self.links else "fields"
            values[place][column.name] = value

    def missing_in(self, line, key) -> Iterator:
        """[[heading, message], …] of what a line cannot be without."""
        group, number = key[:2]
        kind = next(lines for lines in self.lines if lines.group == group)
        for name in kind.required:
            if name not in line:
                column = next(c for c in self.columns if (c.group, c.name) == (group, name))
                message = f"Remplissez cette cellule, ou videz {kind.label}."
                yield [column.heading_of(number), message]

    # What a kind of list adds

    title_field = "title"

    def find(self, values, line) -> None:
        """The record that a row is about, or None for a new one; Doubt where it may be either."""
        raise NotImplementedError

    def check_row(self, values, record, line) -> None:
        """ValidationError where the row, as it was typed, is not theirs, or is there twice."""

    def reference_of(self, record) -> str:
        return record.reference

    def held_lines(self, record, kind) -> QuerySet:
        return getattr(record, kind.group).all()

    # Writing

    def write(self, rows, new_partners) -> None:
        """Write planned rows; each then holds in `written` what undoing needs.

        `new_partners`: {folded name: [key, version]} of partners already made for this import; grows.
        """
        self.make_partners(rows, new_partners)
        added = [row for row in rows if row.verdict == ImportRow.Verdict.ADDED]
        records = [filled(self.model(), row.values["fields"], new_partners) for row in added]
        self.prepare_new(records)
        links = {
            name: [
                (record, key)
                for record, row in zip(records, added, strict=True)
                for key in row.values["links"].get(name, ())
            ]
            for name in self.links
        }
        self.model.objects.bulk_create(records, links=links)
        for record, row in zip(records, added, strict=True):
            row.target = self.reference_of(record)
            row.values["record"] = record.pk
            row.written = {"created": [trace(record)], "updated": []}
        for row in rows:
            if row.verdict == ImportRow.Verdict.UPDATED:
                self.update(row, new_partners)
        for kind in self.lines:
            self.write_lines(rows, kind, new_partners)

    def prepare_new(self, records) -> None:
        """What new records need before they are written."""

    def update(self, row, new_partners) -> None:
        row.written = {"created": [], "updated": []}
        record = self.model._base_manager.get(pk=row.values["record"])
        before = record.history.first()
        names = list(row.values["fields"])
        filled(record, row.values["fields"], new_partners)
        for name, keys in row.values["links"].items():
            if keys:
                getattr(record, name).add(*keys)
                names.append(name)
        if names:
            record.save()
            row.written["updated"].append([*trace(record), before.pk, names])

    def write_lines(self, rows, kind, new_partners) -> None:
        made = []
        for row in rows:
            for line in row.values["lines"].get(kind.group, ()):
                facts = {name: value for name, value in line.items() if name != "key"}
                if line["key"]:
                    self.update_line(row, kind, line["key"], facts, new_partners)
                else:
                    part = kind.model(**{f"{kind.model.part_of}_id": row.values["record"]})
                    made.append((row, filled(part, facts, new_partners)))
        kind.model.objects.bulk_create([line for _, line in made])
        for row, line in made:
            row.written["created"].append(trace(line))

    def update_line(self, row, kind, key, facts, new_partners) -> None:
        line = kind.model._base_manager.get(pk=key)
        before = line.history.first()
        filled(line, facts, new_partners).save()
        row.written["updated"].append([*trace(line), before.pk, list(facts)])

    def make_partners(self, rows, new_partners) -> None:
        """The partners that the answers announced, once each: drafts of this person’s."""
        for row in rows:
            for name in names_in(row.values):
                if fold(name) not in new_partners:
                    made = Partner(name=name, entered_by=self.user.partner)
                    made.save()
                    new_partners[fold(name)] = [made.pk, made.version]


def trace(record) -> list:
    """What undoing needs to find a row again, and to see that nobody changed it since."""
    return [record._meta.label_lower, record.pk, record.version]


def names_in(values) -> Iterator:
    """Names of partners to be made, wherever a planned row has them."""
    lines = [line for lines in values["lines"].values() for line in lines]
    for facts in [values["fields"], *lines]:
        for value in facts.values():
            if isinstance(value, dict):
                yield value["name"]


def resolved(value, new_partners) -> int:
    return new_partners[fold(value["name"])][0] if isinstance(value, dict) else value


def filled(record, facts, new_partners) -> models.Model:
    for name, value in facts.items():
        target = record._meta.get_field(name)
        value = resolved(value, new_partners) if target.remote_field else target.to_python(value)
        setattr(record, target.attname, value)
    return record


def named(error, columns) -> list:
    """[[heading, message], …] of a ValidationError."""
    if not hasattr(error, "error_dict"):
        return [["", message] for message in error.messages]
    headings = {column.name: column.heading for column in columns if not column.group}
    return [
        [headings.get(name, ""), message]
        for name, messages in error.message_dict.items()
        for message in messages
    ]
