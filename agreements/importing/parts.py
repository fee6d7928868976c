"""Lists of what belongs to conventions: avenants, visits and exchanges."""

from django.core.exceptions import ValidationError
from django.db import models

from agreements.importing.cells import linked
from agreements.importing.layouts import EXCHANGES, folded
from agreements.models import Avenant, Convention, Exchange
from cooperation.importing.columns import Column, own_columns
from cooperation.importing.lines import same
from cooperation.importing.records import RecordImporter
from cooperation.records.references import CONVENTION_EXAMPLE, next_number
from cooperation.roles import CORRECT


def owned(text, importer) -> int | dict:
    """The convention that a row belongs to: one that the person may change, or one of the same file."""
    key = linked(text, importer)
    mine = Convention.objects.editable_by(importer.user)
    if not isinstance(key, dict) and not mine.filter(pk=key).exists():
        raise ValidationError(f"« {text[:80]} » n’est pas une convention à vous.")
    return key


# The first column of each such list.
OWNER = Column(
    "convention",
    "Convention",
    owned,
    help=f"Sa référence ({CONVENTION_EXAMPLE}), ou son intitulé.",
    required=True,
    also=("référence de la convention", "réf. convention"),
)


class PartImporter(RecordImporter):
    """A row is a part of a convention: the one that the convention has already, or a new one."""

    # What tells two parts of a convention apart.
    identity: tuple[str, ...] = ()
    # Where the record that a row changes is shown.
    address = "convention_detail"

    def find(self, values, line) -> models.Model | None:
        facts = values["fields"]
        if isinstance(facts["convention"], dict):
            return None
        held = self.model.objects.filter(convention=facts["convention"])
        found = [one for one in held if same(one, facts, self.identified_by(facts))]
        if len(found) > 1:
            raise ValidationError(
                "La convention en a déjà plusieurs qui disent cela : changez-les dans la fiche."
            )
        return found[0] if found else None

    def identified_by(self, facts) -> tuple[str, ...]:
        return self.identity

    def check_row(self, values, record, line) -> None:
        facts = values["fields"]
        key = tuple(str(facts.get(name)) for name in ("convention", *self.identified_by(facts)))
        if key in self.seen:
            raise ValidationError(f"C’est la même chose qu’à la ligne {self.seen[key]}.")
        self.seen[key] = line
        if record is None and not isinstance(facts["convention"], dict):
            self.refuse_locked(Convention.objects.get(pk=facts["convention"]))

    def refuse_locked(self, convention) -> None:
        if self.model.adds_terms and convention.is_locked and not self.user.has_perm(CORRECT):
            raise ValidationError(self.model.why_locked())

    def reference_of(self, record) -> str:
        return record.convention.reference


def numbered(records, relation) -> None:
    """Give new parts of conventions the numbers after the last that each has."""
    last = {}
    for record in records:
        if not record.number:
            key = record.convention_id
            if key not in last:
                last[key] = next_number(record.convention, getattr(record.convention, relation))
            record.number = last[key]
            last[key] += 1


class AvenantImporter(PartImporter):
    """A row is the avenant of its number or, without one, of its purpose."""

    kind = "avenants"
    label = "avenants"
    model = Avenant
    permissions = ("agreements.add_avenant", "agreements.change_avenant")
    title_field = "purpose"
    sheet_names = ("avenants",)
    columns = (
        OWNER,
        *own_columns(Avenant, purpose={"required": True, "also": ("intitulé",)}),
    )

    def identified_by(self, facts) -> tuple[str, ...]:
        return ("number",) if facts.get("number") else ("purpose",)

    def prepare_new(self, records) -> None:
        numbered(records, "avenants")


class ExchangeImporter(PartImporter):
    """A row is the visit or exchange of its kind, date and place."""

    kind = "echanges"
    label = "échanges et visites"
    model = Exchange
    permissions = ("agreements.add_exchange", "agreements.change_exchange")
    title_field = "purpose"
    sheet_names = ("echanges visites", "echanges", "visites")
    layout = folded(EXCHANGES)
    columns = (OWNER, *own_columns(Exchange))
    identity = ("kind", "happened_on", "place", "purpose")
