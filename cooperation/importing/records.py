"""From a row of a list to what it changes in the registry: planned, then written."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from cooperation.importing.aside import kept_aside
from cooperation.importing.columns import (
    LINE,
    TROUBLE,
    Column,
    Facts,
    Several,
    arrondissements_by_name,
)
from cooperation.importing.comparing import Comparison, check_record
from cooperation.importing.lines import Lines, join
from cooperation.importing.linking import OwnRows, new_key
from cooperation.importing.matching import ASIDE, LEAVE, WORD, Doubt, PartnerMatcher
from cooperation.importing.plans import (
    Plan,
    filled,
    is_first,
    key_of,
    named,
    new_partners_in,
    trace,
)
from cooperation.importing.sheets import MAX_BYTES, MAX_ROWS, read_sheets, unsafe
from cooperation.models import ImportRow, Partner
from cooperation.values.money import format_number
from cooperation.values.text import fold


class RecordImporter:
    """Reads the rows of one kind of list, as one person who may do certain things."""

    # A template that is given the class shows it, and does not make one.
    do_not_call_in_templates = True

    # What a person may choose as a file, and what is said of it.
    accepts = ".xlsx,.ods,.csv"
    file_help = (
        f"XLSX, ODS ou CSV ; {format_number(MAX_ROWS)} lignes et {MAX_BYTES // 2**20} Mo au plus. "
        "La première feuille est lue ; sa première ligne porte les titres des colonnes. Ce que le "
        "registre ne reconnaît pas, vous le dites à la page suivante."
    )

    # In which formats rows that are left out are given back, to mend and send again.
    gives_back = ("xlsx", "csv")

    kind = ""
    label = ""
    # The name of the page on which what a row became is seen.
    address = ""
    model = None
    columns: tuple[Column, ...] = ()
    lines: tuple[Lines, ...] = ()
    # Many-to-many fields that a list adds to.
    links: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    # Titles of columns in workbooks in use, and the columns of ours that they are.
    layout: dict[str, str] = {}
    # How its sheet is called in a workbook, folded, and which lists other sheets of it may be.
    sheet_names: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    # Whether what a row may do depends on the hour too, and not on the registry alone.
    reads_again = False
    # Columns whose text is what other rows may name a row by.
    named_by: tuple[str, ...] = ()

    def __init__(self, user, answers=None, reason="", first=None):
        """`first` is the importer of the first sheet, which that of another one shares names with."""
        self.user, self.answers, self.reason = user, answers or {}, reason
        linkable = Partner.objects.linkable_by(user)
        self.matcher = first.matcher if first else PartnerMatcher(linkable, self.answers)
        self.own = first.own if first else OwnRows()
        # What earlier rows of the same file are, so that none is there twice: {key: line}.
        self.seen = {}
        # {(model, key): name} of records that previews tell.
        self.names = {}
        # Of the sheet that is read, then of the row, and of the cell: what is told of its line already.
        self.headings, self.aside, self.line = [], {}, None
        self.heading, self.column, self.told = "", None, {}

    @cached_property
    def arrondissements(self) -> dict[str, list[int]]:
        return arrondissements_by_name()

    # Headings

    @classmethod
    def read_file(cls, file, others=()) -> list[tuple]:
        """[(name, [(line, cells), …] or None), …] of its sheets, the first line with the headings.

        `others`: folded names of the sheets to read beside its own. ValidationError for another kind
        of file.
        """
        return read_sheets(file, cls.sheet_names, others)

    @classmethod
    def known_headings(cls) -> dict[str, tuple]:
        """{folded heading: (Column, number of its line or None)} of all that is recognised as it is."""
        known = {}
        for column in cls.columns:
            for text in (column.heading, *column.also):
                known.setdefault(fold(text), (column, 1 if column.is_numbered else None))
        return known

    @classmethod
    def meaning(cls, heading, known) -> tuple | None:
        """(Column, number of its line or None) that a heading means, or None."""
        text = fold(heading)
        text = fold(cls.layout.get(text, "")) or text
        if text in known:
            return known[text]
        numbered = re.fullmatch(r"(.+?) ?(\d{1,2})", text)
        column, _ = known.get(numbered[1], (None, None)) if numbered else (None, None)
        return (column, int(numbered[2])) if column and column.is_numbered else None

    @classmethod
    def column_of(cls, heading) -> str:
        """The heading of the column that a heading is recognised as, or ""."""
        meaning = cls.meaning(heading, cls.known_headings())
        return meaning[0].heading_of(meaning[1]) if meaning else ""

    @classmethod
    def recognise(cls, headings, mapping=None) -> list[tuple | None]:
        """[(Column, number of its line or None) or None, …]: what each heading of a file means.

        `mapping`: {heading: heading of the column that a person says it is, or "" for none}.
        """
        known, mapping = cls.known_headings(), mapping or {}
        found, taken = [], set()
        for heading in headings:
            meaning = cls.meaning(mapping.get(heading, heading), known)
            if meaning and meaning in taken:
                raise ValidationError(f"La colonne « {heading} » est là deux fois. Gardez-en une.")
            taken.add(meaning)
            found.append(meaning)
        return found

    @classmethod
    def missing(cls, meanings) -> list[str]:
        """Headings of the columns without which no row can be read."""
        told = {meaning[0] for meaning in meanings if meaning}
        return [column.heading for column in cls.columns if column.required and column not in told]

    def begin(self, headings, mapping) -> list[tuple | None]:
        """What the headings of its sheet mean, before its rows are read."""
        self.headings = headings
        return self.recognise(headings, mapping)

    # Reading a row

    def plan(self, meanings, cells, line) -> Plan:
        """The Plan of one row; never raises for what a file may hold."""
        plan = Plan()
        self.aside, self.line = {}, line
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
            plan.errors = [["", f"« {doubt.text} » : {doubt.question}"] for doubt in plan.doubts]
        return plan

    def complete(self, values, cells) -> None:
        """Fill what a row leaves out and its other cells tell; `cells` where some wait for an answer."""

    def missing_fields(self, values) -> list:
        return [
            [column.heading, "Remplissez cette cellule."]
            for column in self.columns
            if column.required and not values["fields"].get(column.name)
        ][:1]

    def plan_record(self, plan, values, line) -> None:
        """Doubt and ValidationError pass through; what is wrong is told before what is asked."""
        if plan.doubts:
            fields = {f.name for f in self.model._meta.fields if f.editable and not f.remote_field}
            facts = {name: v for name, v in values["fields"].items() if name in fields}
            self.check_new_partners(values)
            owners = {f.name for f in self.model._meta.fields if f.remote_field and not f.null}
            check_record(self.model(**facts), exclude=owners)
            return
        self.check_new_partners(values)
        record = self.find(values, line)
        plan.title = plan.title or str(record or "")[:250]
        said = {"fields": dict(values["fields"]), "lines": values["lines"].copy()}
        Comparison(self, plan, values).fill(record)
        self.check_row(said, record, line)
        if plan.verdict == ImportRow.Verdict.SAME:
            self.keep_new_aside(plan)
        plan.values = values | {"aside": self.aside}

    def keep_new_aside(self, plan) -> None:
        """A row that changes nothing is kept for what it says beside, where that is new.

        Columns of a layout in use that have no field of ours say again what the record tells.
        """
        self.aside = {h: text for h, text in self.aside.items() if fold(h) not in self.layout}
        held = (row.aside.items() for row in kept_aside(plan.target)) if self.aside else ()
        if self.aside and not any(self.aside.items() <= known for known in held):
            plan.verdict = ImportRow.Verdict.UPDATED
            told = " ; ".join(f"{heading} « {text} »" for heading, text in self.aside.items())
            plan.changes.append(["gardé de côté", "", told])
        else:
            self.aside = {}

    def read(self, meanings, cells, plan) -> dict:
        """{"fields": {…}, "links": {…}, "lines": {group: [{…}, …]}} of what the cells say."""
        values = {"fields": {}, "links": {}, "lines": defaultdict(list)}
        groups, in_error = defaultdict(dict), set()
        if any(cells[len(meanings) :]):
            plan.errors.append(
                ["", "Cette ligne a plus de cellules que la première n’a de titres."]
            )
        told = list(zip(self.headings, meanings, cells, strict=False))
        places = {key_of(meaning): place for place, (_, meaning, _) in reversed([*enumerate(told)])}
        # A country tells homonyms apart: it is read before the names.
        for heading, meaning, text in sorted(told, key=lambda one: not is_first(one[1])):
            if not text or heading in (LINE, TROUBLE):
                continue
            self.heading = heading
            if not meaning:
                self.set_aside(text)
                continue
            column, number = meaning
            key = key_of(meaning)
            self.column, self.told = column, groups.get(key, {}) if column.group else {}
            try:
                self.keep(self.read_cell(column, text), column, values, groups, key)
            except ValidationError as error:
                in_error.add(key)
                plan.errors += [[column.heading_of(number), message] for message in error.messages]
            except Doubt as doubt:
                in_error.add(key)
                plan.doubts += [doubt, *doubt.others]
        plan.errors += self.share_between(groups)
        # In the order of the file; lines that one cell tells stand where it does.
        for key in sorted(groups, key=lambda key: places.get(key, places.get(key[:-1]))):
            if key[0]:
                values["lines"][key[0]].append(groups[key])
        self.complete(values, cells if plan.doubts else ())
        for key, line in groups.items():
            if key[0] and line and key not in in_error:
                plan.errors += self.missing_in(line, key)
        if not plan.errors:
            plan.errors += self.missing_fields(values)
        return values

    def read_cell(self, column, text) -> object:
        """The value of a cell; ValidationError or Doubt where it has none."""
        if trouble := unsafe(text):
            raise ValidationError(f"« {text[:40]} » {trouble}")
        return column.read(text, self)

    def keep(self, value, column, values, groups, key) -> None:
        """Put a value where its column says: a field, a link, or the lines of its group."""
        if value is None:
            return
        facts = value if isinstance(value, Facts) else {column.name: value}
        if isinstance(value, Several):
            for number, told in enumerate(value):
                groups[*key, number] = column.line | told
        elif column.group:
            groups[key] |= column.line
            join(groups[key], facts)
        elif column.name in self.links:
            values["links"][column.name] = value
        else:
            join(values["fields"], facts)

    def set_aside(self, text, heading="") -> None:
        """Keep a text for which there is no field with the record, under the heading of its cell."""
        heading = heading or self.heading
        held = self.aside.get(heading)
        self.aside[heading] = f"{held} ; {text}" if held else text

    def share_between(self, groups) -> list:
        """What other columns of a numbered line say holds for each line that one cell of it tells.

        Unless they tell a line of its own. [[heading, message], …] of what they contradict.
        """
        errors, shared = [], set()
        for key in [key for key in groups if len(key) == 3 and isinstance(key[2], int)]:
            base = groups.get(key[:2], {})
            kind = next(lines for lines in self.lines if lines.group == key[0])
            if base.keys() & {kind.required[0]}:
                continue
            shared.add(key[:2])
            try:
                join(groups[key], base)
            except ValidationError as error:
                errors += [["", message] for message in error.messages]
        for key in shared:
            groups.pop(key, None)
        return errors

    def word_meant(self, text, choices, values) -> object:
        """The value that the person says a word of a column means; Doubt until they do."""
        key = f"{WORD}{self.kind}:{self.column.group}:{self.column.name}:{fold(text)}"
        answer = self.answers.get(key)
        if answer == ASIDE:
            self.set_aside(text)
            return None
        for value in values:
            if str(value) == answer:
                return value
        words = set(fold(text).split())
        near = sorted(choices, key=lambda choice: words.isdisjoint(fold(choice[1]).split()))
        raise Doubt(key, f"{self.heading} : {text}", tuple(near))

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

    def check_new_partners(self, values) -> None:
        """ValidationError where a partner that is to be made cannot be as the row tells it."""
        for about in new_partners_in(values):
            check_record(Partner(**about))

    def check_row(self, values, record, line) -> None:
        """ValidationError where the row, as it was typed, is not theirs, or is there twice."""

    def reference_of(self, record) -> str:
        return record.reference

    def held_lines(self, record, kind) -> QuerySet:
        return getattr(record, kind.group).all()

    # Writing

    def write(self, rows, made) -> None:
        """Write planned rows; each then holds in `written` what undoing needs."""
        made.prepare(rows)
        self.make_partners(rows, made)
        added = [row for row in rows if row.verdict == ImportRow.Verdict.ADDED]
        records = [filled(self.model(), row.values["fields"], made) for row in added]
        self.prepare_new(records)
        links = {
            name: [
                (record, made.key(key))
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
                self.update(row, made)
        for kind in self.lines:
            self.write_lines(rows, kind, made)

    def tell_parts(self, values, line) -> None:
        """Let other rows of the file know which parts a planned row adds to a record (`own.coming`)."""

    def prepare_new(self, records) -> None:
        """What new records need before they are written."""

    def prepare_lines(self, lines, kind) -> None:
        """What new lines of a kind need."""

    def update(self, row, made) -> None:
        row.written = {"created": [], "updated": []}
        record = self.model._base_manager.get(pk=row.values["record"])
        before = record.history.first()
        names = list(row.values["fields"])
        filled(record, row.values["fields"], made)
        for name, keys in row.values["links"].items():
            if keys:
                getattr(record, name).add(*map(made.key, keys))
                names.append(name)
        if names:
            record.save()
            row.written["updated"].append([*trace(record), before.pk, names])

    def write_lines(self, rows, kind, made) -> None:
        new = []
        for row in rows:
            for line in row.values["lines"].get(kind.group, ()):
                facts = {name: value for name, value in line.items() if name != "key"}
                if line["key"]:
                    self.update_line(row, kind, line["key"], facts, made)
                else:
                    part = kind.model(**{f"{kind.owner}_id": row.values["record"]})
                    new.append((row, filled(part, facts, made)))
        self.prepare_lines([line for _, line in new], kind)
        kind.model.objects.bulk_create([line for _, line in new])
        for row, line in new:
            row.written["created"].append(trace(line))

    def update_line(self, row, kind, key, facts, made) -> None:
        line = kind.model._base_manager.get(pk=key)
        before = line.history.first()
        filled(line, facts, made).save()
        row.written["updated"].append([*trace(line), before.pk, list(facts)])

    def make_partners(self, rows, made) -> None:
        """The partners that the answers announced, once each: drafts of this person’s."""
        for row in rows:
            for about in new_partners_in(row.values):
                if new_key(about) not in made.partners:
                    known = made.same_partner(about)
                    own = Partner(entered_by=self.user.partner)
                    partner = Partner.objects.get(pk=known[0]) if known else own
                    more = {
                        name: v for name, v in about.items() if v and not getattr(partner, name)
                    }
                    for name, value in more.items():
                        setattr(partner, name, value)
                    if more:
                        partner.save()
                    known[:] = [partner.pk, partner.version]
                    made.partners[new_key(about)] = known
