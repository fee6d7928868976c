"""Lists of partners, with their official codes: French local authorities, donors, NGOs…"""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from cooperation.importing.columns import Column, own_columns, several
from cooperation.importing.likely import likely
from cooperation.importing.lines import Lines
from cooperation.importing.matching import NEW, WHICH, Doubt
from cooperation.importing.records import RecordImporter
from cooperation.models import Partner, PartnerCode
from cooperation.models.partners import official_code
from cooperation.values.text import fold


def code_column(scheme, heading, *also) -> Column:
    def read(text, importer):
        try:
            return official_code(scheme, text)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    return Column("code", heading, read, group="codes", line={"scheme": scheme}, also=also)


def names(text, importer) -> str:
    """One a line, as the registry keeps them; its own files put « ; » between them."""
    return "\n".join(several(lambda name, importer: name)(text, importer))


# What lists in use call them too. The source comes last.
OWN = [
    replace(column, read=names) if column.name == "aliases" else column
    for column in own_columns(
        Partner,
        name={"required": True, "also": ("nom officiel", "libellé", "partenaire")},
        short_name={"also": ("abréviation", "acronyme")},
        kind={"also": ("type", "catégorie")},
        departement={"heading": "Département du Bénin", "also": ("département",)},
        aliases={"help": "Un par ligne de la cellule, ou séparés par « ; »."},
        website={"also": ("site", "site web")},
    )
]


class PartnerImporter(RecordImporter):
    """A row is the partner of its official code or, without one, of its name and country."""

    kind = "partenaires"
    label = "partenaires"
    address = "partner_detail"
    # What exports of the registry say besides, in other words or of itself.
    layout = dict.fromkeys(
        [
            *("code", "adresse", "nature code", "pays code", "departement code"),
            *("codes officiels", "modifie le", "commune du siege code", "membres codes"),
            "remplace par code",
        ],
        "",
    )
    model = Partner
    permissions = ("cooperation.add_partner", "cooperation.change_partner")
    title_field = "name"
    columns = (
        *OWN[:-1],
        code_column(PartnerCode.Scheme.SIREN, "SIREN", "n° SIREN", "numéro SIREN"),
        code_column(PartnerCode.Scheme.COG, "Code COG", "COG", "code INSEE", "code commune INSEE"),
        code_column(PartnerCode.Scheme.IFU, "IFU"),
        code_column(PartnerCode.Scheme.IATI, "Identifiant IATI"),
        code_column(PartnerCode.Scheme.OTHER, "Code d’une autre liste"),
        OWN[-1],
    )
    lines = (Lines("codes", PartnerCode, ("scheme",), ("scheme", "code"), ("code",), "le code"),)

    def find(self, values, line) -> Partner | None:
        codes = [(code["scheme"], code["code"]) for code in values["lines"]["codes"]]
        owned = Q(pk=None)
        for scheme, code in codes:
            owned |= Q(scheme=scheme, code=code)
        owners = set(PartnerCode.objects.filter(owned).order_by().values_list("partner", flat=True))
        if owners:
            known = self.visible().filter(pk__in=owners)
            if len(owners) > 1 or not known:
                raise ValidationError("Ces codes sont déjà ceux d’un autre partenaire.")
            return known[0]
        name = values["fields"]["name"]
        country = values["fields"].get("country", "")
        alike = self.visible().filter(pk__in=self.matcher.named(name))
        alike = [partner for partner in alike if partner.country in (country, "") or not country]
        schemes = {scheme for scheme, _ in codes}
        # A homonym with a code of the same list is another one.
        alike = [p for p in alike if not schemes.intersection(c.scheme for c in p.codes.all())]
        if len(alike) == 1 and not codes:
            return alike[0]
        if not alike and not codes:
            alike = [partner for partner, _ in likely(name, country, self.visible())]
        return self.asked(name, line, alike) if alike else None

    def visible(self) -> QuerySet:
        return Partner.objects.linkable_by(self.user).prefetch_related("codes")

    def asked(self, name, line, alike) -> Partner:
        """The partner that the person says it is, or None for another one."""
        key = f"{WHICH}{line}"
        answer = self.answers.get(key)
        for partner in alike:
            if partner.slug == answer:
                return partner
        if answer == NEW:
            return None
        raise Doubt(
            key,
            f"{name} (ligne {line})",
            tuple((partner.slug, partner.told_apart) for partner in alike),
        )

    def check_row(self, values, record, line) -> None:
        codes = {(code["scheme"], code["code"]) for code in values["lines"]["codes"]}
        keys = codes or {(fold(values["fields"]["name"]), values["fields"].get("country", ""))}
        for key in keys:
            if key in self.seen:
                raise ValidationError(f"Ce partenaire est déjà à la ligne {self.seen[key]}.")
            self.seen[key] = line

    def reference_of(self, record) -> str:
        return record.slug

    def prepare_new(self, records) -> None:
        taken = set()
        for record in records:
            record.entered_by = self.user.partner
            record.slug = record.free_slug(taken)
            taken.add(record.slug)
