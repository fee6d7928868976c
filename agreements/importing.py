"""Lists of conventions that exist already in spreadsheets: their terms, parties and legal dossier."""

from collections import defaultdict
from itertools import combinations

from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.duplicates import compare
from agreements.models import Convention, LegalStep, Party
from cooperation.importing.columns import Column, labelled, partner, plain, several
from cooperation.importing.matching import NEW, Doubt
from cooperation.importing.records import Lines, RecordImporter
from cooperation.models import Odd, Partner, Theme
from cooperation.records import Status
from cooperation.references import next_references
from cooperation.roles import Role
from cooperation.text import fold


def as_typed(text, importer):
    return text


def partner_names():
    """For the drop-down list; another name may be typed."""
    named = Partner.objects.published().filter(conventions__isnull=False)
    names = {*named.values_list("name", flat=True)}
    names.update(Partner.objects.published().communes().values_list("name", flat=True))
    return sorted(names, key=fold)


def theme(text, importer):
    return importer.read_theme(text, importer)


def odd(text, importer):
    """« 6 », « ODD 6 » or « ODD 6 – Eau propre et assainissement »."""
    number = (fold(text).removeprefix("odd").split() or [""])[0]
    if not number.isdecimal() or int(number) not in importer.odds:
        raise ValidationError(f"« {text} » n’est pas un ODD. Écrivez son numéro, de 1 à 17.")
    return int(number)


def odds(text, importer):
    """« 6 ; 11 », « 6, 11 », or a number alone."""
    return several(odd)(text.replace(",", ";"), importer)


def predecessor(text, importer):
    found = Convention.objects.linkable_by(importer.user).filter(reference=text.upper())
    key = found.values_list("pk", flat=True).first()
    if key is None:
        raise ValidationError(f"« {text} » n’est la référence d’aucune convention à vous.")
    return key


def legal_columns():
    """The steps of the legal life, each with its date and number."""
    for kind, heading in (
        (LegalStep.Kind.DELIBERATION, "Délibération"),
        (LegalStep.Kind.TRANSMISSION, "Transmission à la tutelle"),
        (LegalStep.Kind.APPROVAL, "Approbation de la tutelle"),
    ):
        line = {"kind": kind.value}
        yield plain(LegalStep, "done_on", f"{heading} : date", group="legal_steps", line=line)
        yield plain(LegalStep, "number", f"{heading} : numéro", group="legal_steps", line=line)


class ConventionImporter(RecordImporter):
    """A row is the convention of its reference or, without one, of its title and parties."""

    kind = "conventions"
    label = "conventions"
    model = Convention
    permissions = ("agreements.add_convention", "agreements.change_convention")
    columns = (
        Column(
            "reference",
            "Référence",
            as_typed,
            help="Celle du registre (CONV-2026-0001), pour mettre une fiche à jour. Vide sinon.",
        ),
        plain(Convention, "title", required=True, also=("titre", "objet", "convention")),
        plain(Convention, "kind", also=("type",)),
        Column(
            "partner",
            "Partie",
            partner,
            help="Un signataire par colonne : Partie 1, Partie 2…",
            group="parties",
            choices=partner_names,
            also=("partenaire", "signataire"),
        ),
        plain(Party, "role", "Rôle", group="parties"),
        plain(Convention, "signed_on", "Signée le", also=("date de signature", "signature")),
        plain(Convention, "starts_on", also=("date de début", "du")),
        plain(Convention, "ends_on", also=("date de fin", "au", "échéance")),
        plain(Convention, "duration_months", also=("durée", "durée (mois)")),
        plain(Convention, "partnership_since"),
        Column(
            "themes",
            "Thèmes",
            several(theme),
            help="Séparés par des points-virgules.",
            choices=lambda: list(Theme.objects.values_list("name", flat=True)),
            also=("thème", "domaines", "domaine"),
        ),
        Column("odds", "ODD", odds, help="Leurs numéros, séparés par des points-virgules."),
        plain(Convention, "objectives", also=("objectif", "objectifs poursuivis")),
        Column("predecessor", "Fait suite à", predecessor, help="La référence de la précédente."),
        *legal_columns(),
        plain(Convention, "note", also=("observations", "remarque")),
        plain(Convention, "source"),
    )
    lines = (
        Lines(
            "parties",
            Party,
            identity=("partner",),
            fields=("partner", "role"),
            required=("partner",),
            label="la partie",
            unique=("partner", "role"),
            shown=4,
        ),
        Lines("legal_steps", LegalStep, ("kind",), ("kind", "done_on", "number"), (), "l’étape"),
    )
    links = ("themes", "odds")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.read_theme = labelled(dict(Theme.objects.values_list("pk", "name")))
        self.odds = set(Odd.objects.values_list("pk", flat=True))
        self.build_index()

    def build_index(self):
        """What is there already, found by title and by pairs of parties."""
        current = Convention.objects.editable_by(self.user).exclude(
            status__in=[Status.WITHDRAWN, Status.MERGED]
        )
        self.by_title, self.by_pair = defaultdict(list), defaultdict(list)
        for key, title in current.order_by().values_list("pk", "title").iterator():
            self.by_title[hash(fold(title))].append(key)
        signed = Party.objects.filter(convention__in=current.order_by().values("pk"))
        parties = defaultdict(set)
        for key, partner_key in (
            signed.exclude(role=Party.Role.FUNDER)
            .order_by()
            .values_list("convention", "partner")
            .iterator()
        ):
            parties[key].add(partner_key)
        for key, partners in parties.items():
            for pair in combinations(sorted(partners), 2):
                self.by_pair[pair].append(key)

    def find(self, values, line):
        reference = values["fields"].pop("reference", "").upper()
        mine = Convention.objects.editable_by(self.user)
        if reference:
            found = mine.filter(reference=reference).first()
            if found is None:
                raise ValidationError(
                    {"reference": f"« {reference} » n’est la référence d’aucune convention à vous."}
                )
            if found.status in (Status.WITHDRAWN, Status.MERGED):
                raise ValidationError({"reference": f"{reference} est retirée du registre."})
            return found
        title, partners = fold(values["fields"]["title"]), self.partners(values)
        for convention in mine.filter(pk__in=self.by_title[hash(title)]):
            held = set(convention.parties.values_list("partner", flat=True))
            if fold(convention.title) == title and (partners == held or not partners or not held):
                return convention
        return self.asked(values, line)

    @staticmethod
    def partners(values):
        """Keys of the parties named; a partner that is to be made cannot be in anything yet."""
        named = (line["partner"] for line in values["lines"]["parties"])
        return {fold(key["name"]) if isinstance(key, dict) else key for key in named}

    def asked(self, values, line):
        """A convention that looks like this one, if the person says it is; None for a new one."""
        signing = sorted(
            party["partner"]
            for party in values["lines"]["parties"]
            if party.get("role") != Party.Role.FUNDER and not isinstance(party["partner"], dict)
        )
        near = {key for pair in combinations(signing, 2) for key in self.by_pair.get(pair, ())}
        if not near:
            return None
        facts = values["fields"]
        described = Convention(pk=0, title=facts["title"], predecessor_id=facts.get("predecessor"))
        described.begin = facts.get("starts_on") or facts.get("signed_on")
        described.term = facts.get("ends_on")
        candidates = Convention.objects.filter(pk__in=near).with_term()
        alike = [convention for convention in candidates if compare(convention, described)]
        answer = self.answers.get(f"ligne:{line}")
        for convention in alike:
            if convention.reference == answer:
                return convention
        if not alike or answer == NEW:
            return None
        raise Doubt(
            f"ligne:{line}",
            f"{facts['title']} (ligne {line})",
            tuple((c.reference, f"{c.reference} : {c.title}, {c.period}") for c in alike[:5]),
        )

    def check_row(self, values, record, line):
        key = (fold(values["fields"]["title"]), frozenset(self.partners(values)))
        key = record.pk if record else key
        if key in self.seen:
            raise ValidationError(f"C’est la convention de la ligne {self.seen[key]}.")
        self.seen[key] = line
        own = self.user.role == Role.COMMUNE and not self.user.is_superuser
        if record is None and own and self.user.partner_id not in self.partners(values):
            raise ValidationError(
                f"{self.user.partner} n’est pas parmi les parties : ajoutez-la, ou laissez cette "
                "convention à ceux qui l’ont signée."
            )

    def prepare_new(self, records):
        prefix = f"CONV-{timezone.localdate().year}-"
        references = next_references(Convention.objects, prefix, len(records))
        for record, reference in zip(records, references, strict=True):
            record.reference = reference
