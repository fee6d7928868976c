"""Lists of conventions that exist already in spreadsheets: their terms, parties and legal dossier."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations

from django.core.exceptions import ValidationError

from agreements.duplicates import compare, overlap
from agreements.models import Convention, LegalStep, Party
from cooperation.importing.columns import Column, labelled, own_columns, partner, plain, several
from cooperation.importing.lines import Lines
from cooperation.importing.matching import NEW, Doubt
from cooperation.importing.records import RecordImporter
from cooperation.models import Odd, Partner, ReferenceCounter, Theme
from cooperation.records.gates import Status
from cooperation.records.references import CONVENTION_EXAMPLE, convention_prefix
from cooperation.roles import enters_for
from cooperation.values.dates import PartialDate
from cooperation.values.text import fold

# How a line of sums under a table is named, folded.
SUM = re.compile(r"(sous )?(total|totaux)\b|(montant|somme|total) (total|general)|ensemble$")


def as_typed(text, importer) -> str:
    return text


def partner_names() -> list[str]:
    """For the drop-down list; another name may be typed."""
    named = Partner.objects.published().filter(conventions__isnull=False)
    names = {*named.values_list("name", flat=True)}
    names.update(Partner.objects.published().communes().values_list("name", flat=True))
    return sorted(names, key=fold)


def theme(text, importer) -> int:
    return importer.read_theme(text, importer)


def odd(text, importer) -> int:
    """« 6 », « ODD 6 » or « ODD 6 – Eau propre et assainissement »."""
    number = (fold(text).removeprefix("odd").split() or [""])[0]
    if not re.fullmatch(r"\d{1,2}", number, re.ASCII) or int(number) not in importer.odds:
        raise ValidationError(f"« {text} » n’est pas un ODD. Écrivez son numéro, de 1 à 17.")
    return int(number)


def odds(text, importer) -> list[int]:
    """« 6 ; 11 », « 6, 11 », or a number alone."""
    return several(odd)(text.replace(",", ";"), importer)


def linked(text, importer) -> int:
    found = Convention.objects.linkable_by(importer.user).filter(reference=text.upper())
    key = found.values_list("pk", flat=True).first()
    if key is None:
        raise ValidationError(f"« {text} » n’est la référence d’aucune convention à vous.")
    return key


def legal_number(text, importer) -> str:
    """« 12/2019 », unless a spreadsheet has made a date of it."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValidationError(
            f"« {text} » : votre tableur a fait une date de ce numéro. Mettez la cellule en texte."
        )
    return LegalStep._meta.get_field("number").formfield().clean(text)


def legal_columns() -> Iterator:
    """The steps of the legal life, each with its date and number."""
    for kind, heading in (
        (LegalStep.Kind.DELIBERATION, "Délibération"),
        (LegalStep.Kind.TRANSMISSION, "Transmission à la tutelle"),
        (LegalStep.Kind.APPROVAL, "Approbation de la tutelle"),
    ):
        line = {"kind": kind.value}
        yield plain(LegalStep, "done_on", f"{heading} : date", group="legal_steps", line=line)
        yield Column(
            "number",
            f"{heading} : numéro",
            legal_number,
            help="Le numéro ou la référence, en texte.",
            group="legal_steps",
            line=line,
        )


# From a convention to others of the registry.
LINKS = ("predecessor", "framework")

# What lists in use call them too. The source comes last.
OWN = own_columns(
    Convention,
    title={"required": True, "also": ("titre", "objet", "convention")},
    kind={"also": ("type",)},
    signed_on={"heading": "Signée le", "also": ("date de signature", "signature")},
    starts_on={"also": ("date de début", "du")},
    ends_on={"also": ("date de fin", "au", "échéance")},
    duration_months={"also": ("durée", "durée (mois)")},
    objectives={"also": ("objectif", "objectifs poursuivis")},
    note={"also": ("observations", "remarque")},
)


def deduced(facts) -> PartialDate | None:
    """The end that the duration of a row gives."""
    described = Convention(
        **{name: facts.get(name) for name in ("starts_on", "signed_on", "duration_months")}
    )
    with suppress(ValueError):  # the form of the row says why
        return described.end_of_duration()
    return None


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
            help=f"Celle du registre ({CONVENTION_EXAMPLE}), pour mettre une fiche à jour. Vide sinon.",
        ),
        # What names a convention, who is in it, then all the rest.
        *OWN[:2],
        Column(
            "partner",
            "Partie",
            partner,
            help="Un signataire par colonne : Partie 1, Partie 2…",
            group="parties",
            choices=partner_names,
            also=("partenaire", "signataire"),
        ),
        *own_columns(
            Party,
            group="parties",
            without=["source"],
            note={"heading": "Précision sur le rôle"},
            share={"heading": "Part du financement", "is_rare": True},
        ),
        *OWN[2:-1],
        Column(
            "themes",
            "Thèmes",
            several(theme),
            help="Séparés par des points-virgules.",
            choices=lambda: list(Theme.objects.values_list("name", flat=True)),
            also=("thème", "domaines", "domaine"),
        ),
        Column("odds", "ODD", odds, help="Leurs numéros, séparés par des points-virgules."),
        Column("predecessor", "Fait suite à", linked, help="La référence de la précédente."),
        Column("framework", "Relève de", linked, help="La référence du cadre ou du programme."),
        *legal_columns(),
        OWN[-1],
    )
    lines = (
        Lines(
            "parties",
            Party,
            identity=("partner",),
            fields=("partner", "role", "note", "share"),
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

    def build_index(self) -> None:
        """What is there already: by title and parties, by title, and by pairs of parties."""
        current = Convention.objects.editable_by(self.user).current().with_term().order_by()
        named, signing = defaultdict(set), defaultdict(set)
        parties = Party.objects.filter(convention__in=current.values("pk")).order_by()
        for key, partner_key, role in parties.values_list(
            "convention", "partner", "role"
        ).iterator():
            named[key].add(partner_key)
            if role != Party.Role.FUNDER:
                signing[key].add(partner_key)
        self.exact, self.titled, self.by_pair = (defaultdict(list) for _ in range(3))
        self.known = {}
        rows = current.values_list("pk", "title", "begin", "term", *LINKS)
        for key, title, *facts in rows.iterator():
            self.known[key] = (title, *facts)
            self.exact[hash((fold(title), frozenset(named[key])))].append(key)
            self.titled[hash(fold(title))].append(key)
            for pair in combinations(sorted(signing[key]), 2):
                self.by_pair[pair].append(key)
        # What earlier rows make a convention follow, or be under: {link: {key: key}}.
        self.following = {link: {} for link in LINKS}

    def described(self, key) -> Convention:
        """A convention that is there, as far as comparing it needs."""
        title, begin, term, before, over = self.known[key]
        convention = Convention(pk=key, title=title, predecessor_id=before, framework_id=over)
        convention.begin, convention.term = begin, term
        return convention

    def find(self, values, line) -> Convention | None:
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
        facts = values["fields"]
        links = {f"{link}_id": facts.get(link) for link in LINKS}
        row = Convention(pk=0, title=facts["title"], **links)
        row.begin = facts.get("starts_on") or facts.get("signed_on")
        row.term = facts.get("ends_on") or deduced(facts)
        partners = self.partners(values)
        title = fold(facts["title"])
        same = self.exact[hash((title, frozenset(partners)))]
        meeting = [key for key in same if overlap(self.described(key), row)]
        if len(meeting) == 1:
            return mine.get(pk=meeting[0])
        alike = dict.fromkeys(same)
        if not partners:
            alike |= dict.fromkeys(self.titled[hash(title)])
        signing = sorted(
            party["partner"]
            for party in values["lines"]["parties"]
            if party.get("role") != Party.Role.FUNDER and not isinstance(party["partner"], dict)
        )
        near = {key for pair in combinations(signing, 2) for key in self.by_pair.get(pair, ())}
        alike |= dict.fromkeys(k for k in sorted(near) if compare(self.described(k), row))
        return self.asked(list(alike), facts["title"], line)

    @staticmethod
    def partners(values) -> set[int]:
        """Keys of the parties named; a partner that is to be made cannot be in anything yet."""
        named = (line["partner"] for line in values["lines"]["parties"])
        return {fold(key["name"]) if isinstance(key, dict) else key for key in named}

    def asked(self, alike, title, line) -> Convention | None:
        """The convention that the person says it is, or None for a new one."""
        if not alike:
            return None
        key = f"ligne:{line}"
        answer = self.answers.get(key)
        proposed = Convention.objects.filter(pk__in=alike[:20]).with_term()
        for convention in proposed:
            if convention.reference == answer:
                return convention
        if answer == NEW:
            return None
        choices = ((c.reference, f"{c.reference} : {c.title}, {c.period}") for c in proposed[:5])
        raise Doubt(key, f"{title} (ligne {line})", tuple(choices))

    def check_row(self, values, record, line) -> None:
        partners = self.partners(values)
        if record is None and not partners and SUM.match(fold(values["fields"].get("title", ""))):
            raise ValidationError(
                "Cette ligne ressemble à un total, pas à une convention : supprimez-la, ou nommez les "
                "parties."
            )
        own = enters_for(self.user)
        if record is None and own and own.pk not in partners:
            raise ValidationError(
                f"{own} n’est pas parmi les parties : ajoutez-la, ou laissez cette "
                "convention à ceux qui l’ont signée."
            )
        if record:
            for link in LINKS:
                self.refuse_circle(record, link, values["fields"].get(link))
            self.refuse_seen(record.pk, "", line)
        else:
            facts = values["fields"]
            begin = facts.get("starts_on") or facts.get("signed_on") or ""
            self.refuse_seen((fold(facts["title"]), frozenset(partners)), begin, line)

    def refuse_seen(self, key, begin, line) -> None:
        """The same convention is not in a file twice; one that begins at another time is another."""
        for other, earlier in self.seen.get(key, ()):
            if not (begin and other) or begin == other:
                raise ValidationError(f"C’est la convention de la ligne {earlier}.")
        self.seen.setdefault(key, []).append((begin, line))

    def refuse_circle(self, record, link, first) -> None:
        """Two rows of a file may not follow each other, nor be under each other."""
        if first is None:
            return
        passed, key = {record.pk}, first
        while key is not None and key not in passed:
            passed.add(key)
            before = Convention.objects.filter(pk=key).values_list(link, flat=True)
            key = self.following[link].get(key, before.first())
        if key is not None:
            message = "Avec une autre ligne, ces conventions se suivraient en rond."
            raise ValidationError({link: message})
        self.following[link][record.pk] = first

    def prepare_new(self, records) -> None:
        references = ReferenceCounter.next_references(
            Convention.objects, convention_prefix(), len(records)
        )
        for record, reference in zip(records, references, strict=True):
            record.reference = reference
