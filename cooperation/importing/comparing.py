"""What a row would change of the record that it is about, as the preview shows it."""

from contextlib import suppress
from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint

from cooperation.importing.lines import check_line, equal, refuse_twice, same
from cooperation.models import ImportRow
from cooperation.records.history import HIDDEN
from cooperation.roles import CORRECT
from cooperation.values.display import shown

Verdict = ImportRow.Verdict


class Comparison:
    """Fills the plan of one row: its changes and its verdict; `values` keeps only what changes."""

    def __init__(self, importer, plan, values):
        self.importer, self.plan, self.values = importer, plan, values
        self.model, self.user = importer.model, importer.user
        self.may_correct = self.user.has_perm(CORRECT)

    def fill(self, record) -> None:
        """`record` is None for a new one. ValidationError where a rule refuses a change."""
        self.record = record
        self.compare_fields(record or self.model())
        self.compare_links()
        for kind in self.importer.lines:
            self.compare_lines(kind)
        self.values["record"] = record and record.pk
        self.judge()

    def judge(self) -> None:
        plan, record = self.plan, self.record
        if record is None:
            plan.verdict = Verdict.ADDED
            return
        plan.target = self.importer.reference_of(record)
        plan.verdict = Verdict.UPDATED if plan.changes else Verdict.SAME
        mine = self.model.objects.editable_by(self.user)
        if plan.changes and not mine.filter(pk=record.pk).exists():
            raise ValidationError("Cette fiche existe déjà et n’est pas à vous : rien n’y change.")

    def compare_fields(self, record) -> None:
        """Takes the new values into `record`, unsaved, and checks it as a whole."""
        locked = () if self.record is None or self.may_correct else record.locked_fields
        fields, waiting = self.values["fields"], []
        for name, value in list(fields.items()):
            target = self.model._meta.get_field(name)
            old = getattr(record, target.attname)
            # PARAKOU is Parakou: capitals alone rename nothing.
            is_name = name == self.importer.title_field and old
            if old == value or (is_name and old.casefold() == value.casefold()):
                del fields[name]
                continue
            if name in locked:
                raise ValidationError({name: self.model.why_locked()})
            if not isinstance(value, dict):
                setattr(record, target.attname, value)
            elif not target.null:
                waiting.append(name)
            self.say(target.verbose_name, self.shown(target, old), self.shown(target, value))
        check_record(record, exclude=waiting)

    def compare_links(self) -> None:
        """A list adds links; it takes none away."""
        links = self.values["links"]
        for name, keys in links.items():
            held = getattr(self.record, name).values_list("pk", flat=True) if self.record else ()
            known = set(held)
            new = [key for key in keys if isinstance(key, dict)]
            held = [key for key in keys if key not in new and key not in known]
            links[name] = held + new
            if links[name]:
                target = self.model._meta.get_field(name)
                records = target.related_model._default_manager
                said = [self.named(records, key) for key in held]
                said += [about["name"] for about in new]
                self.say(target.verbose_name, "", ", ".join(said))

    def compare_lines(self, kind) -> None:
        """Pairs the lines of the file with those of the record, and says what would change."""
        wanted = self.values["lines"].get(kind.group, [])
        refuse_twice(wanted, kind)
        self.values["lines"][kind.group] = planned = []
        for match, line in self.paired(wanted, kind):
            changed = {
                name: value
                for name, value in line.items()
                if match is None or not equal(match, name, value)
            }
            if not changed:
                continue
            self.refuse_locked_line(match, changed, kind)
            old = self.line_text(match, {}, kind) if match else ""
            check_line(match or kind.model(), changed, kind)
            planned.append({"key": match and match.pk} | changed)
            self.say(kind.model._meta.verbose_name, old, self.line_text(match, line, kind))

    def paired(self, wanted, kind) -> list[tuple]:
        """[(line of the record or None, line of the file)]: equal ones first, then alike ones."""
        held = list(self.importer.held_lines(self.record, kind)) if self.record and wanted else []
        pairs = []
        for names in (kind.fields, kind.identity):
            remaining = []
            for line in wanted:
                matches = [one for one in held if same(one, line, names)]
                if len(matches) > 1 and names == kind.identity != kind.fields:
                    raise ValidationError(
                        f"La fiche a déjà plusieurs lignes comme {kind.label} : changez-les dans la "
                        "fiche."
                    )
                if matches:
                    held.remove(matches[0])
                    pairs.append((matches[0], line))
                else:
                    remaining.append(line)
            wanted = remaining
        return pairs + [(None, line) for line in wanted]

    def refuse_locked_line(self, match, changed, kind) -> None:
        if self.record is None or self.may_correct:
            return
        adds_terms = match is None and kind.model.adds_terms and self.record.is_locked
        if adds_terms or (match and changed.keys() & set(match.locked_fields)):
            raise ValidationError(kind.model.why_locked())

    # As people read it

    def say(self, label, old, new) -> None:
        self.plan.changes.append([str(label), old, new])

    def shown(self, target, value) -> str:
        """A value of a model field; "" where there is none."""
        if not target.remote_field or value in (None, ""):
            return shown(target, value)
        if isinstance(value, dict):
            return value.get("name") or value["title"]
        return self.named(target.related_model._default_manager.visible_to(self.user), value)

    def named(self, records, key) -> str:
        """One of some records by its name: rows name the same ones over and over."""
        names = self.importer.names
        if (records.model, key) not in names:
            names[records.model, key] = str(records.filter(pk=key).first() or HIDDEN)
        return names[records.model, key]

    def line_text(self, match, line, kind) -> str:
        facts = []
        for name in kind.fields:
            target = kind.model._meta.get_field(name)
            value = line.get(name, getattr(match, target.attname, None))
            facts.append(self.shown(target, value))
        return ", ".join(filter(None, facts))


def check_record(record, exclude=()) -> None:
    """ValidationError where a rule of the model with a message of its own refuses an unsaved record.

    `exclude`: names of fields that are not filled in yet. Neither they nor the constraints on them
    are judged then, nor clean(), which may need them.
    """
    derived = {field.name for field in record._meta.fields if not field.editable}
    record.clean_fields(exclude=derived.union(exclude))
    if not exclude:
        record.clean()
    told = [
        constraint
        for constraint in record._meta.constraints
        if isinstance(constraint, CheckConstraint)
        and constraint.violation_error_message != constraint.default_violation_error_message
    ]
    # Each is a query: all are asked at once, and which of them refuses only where one does.
    if not exclude and told:
        conditions = reduce(and_, (constraint.condition for constraint in told))
        with suppress(ValidationError):
            CheckConstraint(condition=conditions, name="all").validate(type(record), record)
            return
    for constraint in told:
        constraint.validate(type(record), record, exclude=set(exclude))
