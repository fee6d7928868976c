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
from cooperation.values.text import fold


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


def own_reference(text, importer) -> str:
    """One of the registry’s own; that of another list is kept aside."""
    names = {importer.address_field: text}
    if not importer.model.objects.editable_by(importer.user).filter(**names).exists():
        importer.set_aside(text)
        return ""
    return text


# What a file that left the registry names a part by.
OWN_REFERENCE = Column(
    "own_reference",
    "Référence",
    own_reference,
    help="Celle du registre, pour mettre une fiche à jour. Vide sinon.",
    is_rare=True,
)


class PartImporter(RecordImporter):
    """A row is a part of a convention: the one that the convention has already, or a new one."""

    # What tells two parts of a convention apart.
    identity: tuple[str, ...] = ()
    # By what a file that left the registry names a part of it.
    address_field = "uid"
    # Where the record that a row changes is shown.
    address = "convention_detail"

    def find(self, values, line) -> models.Model | None:
        facts = values["fields"]
        own = facts.pop("own_reference", "")
        if isinstance(facts["convention"], dict):
            return None
        held = self.model.objects.filter(convention=facts["convention"])
        if own and (record := held.filter(**{self.address_field: own}).first()):
            return record
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
        names = ("convention", *self.identified_by(facts))
        told = tuple(fold(str(facts.get(name) or "")) for name in names)
        key = ("record", record.pk) if record else told
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
    """Give new parts of conventions the numbers after the last that each has, or that a row tells."""
    following = {}
    for record in records:
        if record.number:
            key = record.convention_id
            following[key] = max(following.get(key, 1), int(record.number) + 1)
    begun = set()
    for record in records:
        key = record.convention_id
        if not record.number:
            if key not in begun:
                free = next_number(record.convention, getattr(record.convention, relation))
                following[key] = max(free, following.get(key, 1))
                begun.add(key)
            record.number = following[key]
            following[key] += 1


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

    def check_row(self, values, record, line) -> None:
        super().check_row(values, record, line)
        facts = values["fields"]
        key = ("purpose", str(facts["convention"]), fold(facts["purpose"]))
        is_numbered = bool(facts.get("number"))
        other, earlier = self.seen.setdefault(key, (is_numbered, line))
        if other != is_numbered:
            raise ValidationError(f"Est-ce l’avenant de la ligne {earlier} ? Donnez son numéro.")

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
    columns = (OWNER, *own_columns(Exchange), OWN_REFERENCE)
    identity = ("kind", "happened_on", "place", "purpose")
