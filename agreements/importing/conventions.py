"""Lists of conventions that exist already in spreadsheets: their terms, parties and legal dossier."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from agreements.duplicates import compare, overlap
from agreements.importing import cells
from agreements.importing.layouts import ACCORDS, PUBLIC_LIST, folded
from agreements.models import (
    CitedSource,
    Convention,
    FocalPoint,
    LegalStep,
    Meeting,
    Party,
    Situation,
)
from cooperation.importing.columns import (
    Column,
    arrondissement,
    labelled,
    own_columns,
    partner,
    plain,
    several,
)
from cooperation.importing.lines import Lines
from cooperation.importing.linking import new_key
from cooperation.importing.matching import NEW, WHICH, Doubt
from cooperation.importing.records import RecordImporter
from cooperation.models import Odd, Partner, ReferenceCounter, Theme
from cooperation.records.gates import Status
from cooperation.records.references import (
    CONVENTION_EXAMPLE,
    CONVENTION_REFERENCE,
    convention_prefix,
)
from cooperation.roles import enters_for
from cooperation.values.dates import PartialDate, period_label
from cooperation.values.display import shown
from cooperation.values.text import fold, of

CONVENTION = re.compile(CONVENTION_REFERENCE)
# How a line of sums under a table is named, folded.
SUM = re.compile(r"(sous )?(total|totaux)\b|(montant|somme|total) (total|general)|ensemble$")


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
            cells.legal_number,
            help="Le numéro ou la référence, en texte.",
            group="legal_steps",
            line=line,
        )


def focal_columns() -> Iterator:
    """Whom to call on each side: personal data, for members."""
    for side, heading in (
        (FocalPoint.Side.BENIN, "Point focal béninois"),
        (FocalPoint.Side.PARTNER, "Contact du partenaire"),
    ):
        line = {"side": side.value, "function": "point focal"}
        facts = {"group": "focal_points", "line": line, "is_rare": True}
        yield plain(FocalPoint, "name", heading, **facts)


# From a convention to others of the registry.
LINKS = ("predecessor", "framework")

# What lists in use call them too. The source comes last.
OWN = own_columns(
    Convention,
    title={"also": ("titre", "objet", "convention")},
    kind={"also": ("type",)},
    signed_on={"heading": "Signée le", "also": ("date de signature", "signature")},
    starts_on={"also": ("date de début", "du")},
    ends_on={"also": ("date de fin", "au", "échéance")},
    duration_months={"also": ("durée", "durée (mois)")},
    objectives={"also": ("objectif", "objectifs poursuivis")},
    note={"also": ("observations", "remarque")},
)


OWN[1] = replace(OWN[1], read=cells.nature)


def deduced(facts) -> PartialDate | None:
    """The end that the duration of a row gives."""
    described = Convention(
        **{name: facts.get(name) for name in ("starts_on", "signed_on", "duration_months")}
    )
    with suppress(ValueError):  # the form of the row says why
        return described.end_of_duration()
    return None


def number_of(link) -> int | None:
    """The key of a convention that is named, or minus the line of one that is to be made."""
    return -link["row"] if isinstance(link, dict) else link


# What a proposed title says beside the parties.
TITLE_FACTS = ("kind", "kind_words", "signed_on", "starts_on", "ends_on")


def proposed_title(convention, names) -> str:
    """« Jumelage Évreux – Djougou, 2006 – 2008 »; "" where no party is known."""
    if not names:
        return ""
    kind = capfirst(convention.kind_words or convention.get_kind_display() or "partenariat")
    known = period_label(convention.starts_on or convention.signed_on, convention.ends_on)
    return f"{kind} {' – '.join(names)}{f', {known}' if known else ''}"[:250]


def life_columns(model, group, **headings) -> Iterator:
    """Columns of lines of a convention’s life that few lists have."""
    for name, heading in headings.items():
        yield plain(model, name, heading, group=group, is_rare=True)


COUNTRY = plain(Partner, "country", "Pays de la partie", group="parties", is_rare=True)


class ConventionImporter(RecordImporter):
    """A row is the convention of its reference or, without one, of its title and parties."""

    kind = "conventions"
    label = "conventions"
    address = "convention_detail"
    model = Convention
    sheet_names = ("conventions", "accords")
    beside = ("actions", "avenants", "montants", "versements", "echanges")
    named_by = ("title", "own_reference")
    layout = folded(ACCORDS, PUBLIC_LIST)
    permissions = ("agreements.add_convention", "agreements.change_convention")
    columns = (
        Column(
            "reference",
            "Référence",
            cells.as_typed,
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
            choices=cells.partner_names,
            also=("partenaire", "signataire"),
        ),
        replace(COUNTRY, read=cells.country, comes_first=True),
        plain(Partner, "kind", "Nature de la partie", group="parties", is_rare=True),
        Column(
            "parties",
            "Parties",
            cells.parties,
            group="parties",
            help="Plusieurs dans une cellule, séparées par « ; » ; derrière « | », leur rôle.",
            is_rare=True,
        ),
        *own_columns(
            Party,
            group="parties",
            without=["source"],
            note={"heading": "Précision sur le rôle"},
            share={"heading": "Part du financement", "is_rare": True},
        ),
        Column(
            "arrondissement",
            "Arrondissement de la partie",
            arrondissement,
            help="S’il est seul engagé : « Kilibo », ou « Kilibo (Ouessè) ».",
            group="parties",
            is_rare=True,
        ),
        *OWN[2:-1],
        Column(
            "themes",
            "Thèmes",
            several(cells.theme),
            help="Séparés par des points-virgules.",
            choices=lambda: list(Theme.objects.values_list("name", flat=True)),
            also=("thème", "domaines", "domaine"),
        ),
        Column("odds", "ODD", cells.odds, help="Leurs numéros, séparés par des points-virgules."),
        Column(
            "predecessor",
            "Fait suite à",
            cells.linked,
            help="La référence de la précédente, ou son intitulé dans ce fichier.",
        ),
        Column(
            "framework",
            "Relève de",
            cells.linked,
            help="La référence du cadre ou du programme, ou son intitulé dans ce fichier.",
        ),
        *legal_columns(),
        *focal_columns(),
        OWN[-1],
        Column(
            "own_reference",
            "Référence dans la liste",
            cells.own_reference,
            help="Celle que votre tableau donne à ses lignes ; d’autres feuilles la reprennent.",
            is_rare=True,
        ),
        Column(
            "duration_years", "Durée en années", cells.years, help="Au lieu des mois.", is_rare=True
        ),
        Column("kind", "Situation", cells.situation, group="situations", is_rare=True),
        *life_columns(Meeting, "meetings", held_on="Réunion : date"),
        *life_columns(
            CitedSource,
            "cited_sources",
            title="Source : titre",
            address="Source : adresse",
            dated="Source : date",
            supports="Source : ce qu’elle établit",
        ),
    )
    lines = (
        Lines(
            "parties",
            Party,
            identity=("partner",),
            fields=("partner", "role", "note", "arrondissement", "share"),
            required=("partner",),
            label="la partie",
            unique=("partner", "role"),
            shown=4,
        ),
        Lines("legal_steps", LegalStep, ("kind",), ("kind", "done_on", "number"), (), "l’étape"),
        Lines(
            "focal_points",
            FocalPoint,
            ("side", "name"),
            ("side", "function", "name"),
            ("name",),
            "le point focal",
        ),
        Lines("situations", Situation, ("kind",), ("kind",), ("kind",), "la situation"),
        Lines("meetings", Meeting, ("held_on",), ("held_on",), ("held_on",), "la réunion"),
        Lines(
            "cited_sources",
            CitedSource,
            ("title", "address"),
            ("title", "address", "dated", "supports"),
            (),
            "la source",
        ),
    )
    links = ("themes", "odds")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.read_theme = labelled(dict(Theme.objects.values_list("pk", "name")))
        self.odds = set(Odd.objects.values_list("pk", flat=True))
        # {new_key: what the list says of a partner that is to be made}.
        self.new_partners = {}
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

    @classmethod
    def missing(cls, meanings) -> list[str]:
        """A convention is named by its title or else by its parties."""
        told = {meaning[0].name for meaning in meanings if meaning}
        naming = {"reference", "own_reference", "title", "partner", "parties"}
        return [] if told & naming else ["Intitulé", "Partie 1"]

    def complete(self, values, cells) -> None:
        parties = values["lines"]["parties"]
        for line in parties:
            self.describe(line)
        # A country without a name is no party.
        parties[:] = filter(None, parties)
        for line in values["lines"]["cited_sources"]:
            line.setdefault("title", line.get("address", "")[:250])
        facts = values["fields"]
        self.is_proposed = not facts.get("title")
        if self.is_proposed:
            names = [self.name_of(party) for party in parties if "partner" in party]
            described = Convention(**{n: facts[n] for n in TITLE_FACTS if n in facts})
            # Which parties a doubtful row has is known once it is answered.
            waiting = " – ".join(list(filter(None, cells))[:3])[:250]
            facts["title"] = waiting or proposed_title(described, names)

    def describe(self, party) -> None:
        """Where and what a partner is that is to be made; what it cannot hold is kept aside."""
        about = {name: party.pop(name) for name in ("country", "kind") if name in party}
        key, held = party.get("partner"), {}
        if isinstance(key, dict):
            # The first row that names it says what it is.
            held = self.new_partners.setdefault(new_key(key | about), about)
            party["partner"] |= held
        elif key:
            held = self.matcher.facts_of[key]
        of_party = of(self.name_of(party)) if key else "d’une partie"
        for name, value in about.items():
            if held.get(name) != value:
                target = Partner._meta.get_field(name)
                self.set_aside(shown(target, value), f"{target.verbose_name} {of_party}")

    def name_of(self, party) -> str:
        key = party["partner"]
        return key["name"] if isinstance(key, dict) else self.matcher.names[key]

    def missing_fields(self, values) -> list:
        facts = values["fields"]
        if (
            facts["title"]
            or facts.get("reference")
            or CONVENTION.fullmatch(facts.get("own_reference", "").upper())
        ):
            return []
        return [["Intitulé", "Remplissez cette cellule, ou nommez une partie."]]

    def find(self, values, line) -> Convention | None:
        record = self.meant(values, line)
        if record and self.is_proposed:
            del values["fields"]["title"]
        return record

    def meant(self, values, line) -> Convention | None:
        own = values["own"] = values["fields"].pop("own_reference", "")
        own = own.upper() if CONVENTION.fullmatch(own.upper()) else ""
        reference = values["fields"].pop("reference", "").upper() or own
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
        links = {f"{link}_id": number_of(facts.get(link)) for link in LINKS}
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
        # Of those that look alike, the one that the same list has brought under this reference.
        if alike and values["own"]:
            brought = mine.filter(pk__in=alike, reference=cells.brought_as(values["own"], self))
            if known := brought.first():
                return known
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
        key = f"{WHICH}{line}"
        answer = self.answers.get(key)
        proposed = Convention.objects.filter(pk__in=alike[:20]).with_term()
        for convention in proposed:
            if convention.reference == answer:
                return convention
        if answer == NEW:
            return None
        choices = (
            (c.reference, ", ".join(filter(None, [f"{c.reference} : {c.title}", c.period])))
            for c in proposed[:5]
        )
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
        facts = values["fields"]
        if record:
            self.refuse_seen(record.pk, "", line)
        else:
            begin = facts.get("starts_on") or facts.get("signed_on") or ""
            self.refuse_seen((fold(facts["title"]), frozenset(partners)), begin, line)
        for link in LINKS:
            self.refuse_circle(record.pk if record else -line, link, facts.get(link))

    def refuse_seen(self, key, begin, line) -> None:
        """The same convention is not in a file twice; one that begins at another time is another."""
        for other, earlier in self.seen.get(key, ()):
            if not (begin and other) or begin == other:
                raise ValidationError(f"C’est la convention de la ligne {earlier}.")
        self.seen.setdefault(key, []).append((begin, line))

    def refuse_circle(self, key, link, first) -> None:
        """Two rows of a file may not follow each other, nor be under each other.

        `key`: that of the record, or minus the line of a new one.
        """
        if first is None:
            return
        first, own = number_of(first), key
        passed, key = {own}, first
        while key is not None and key not in passed:
            passed.add(key)
            before = Convention.objects.filter(pk=key).values_list(link, flat=True)
            key = self.following[link].get(key, before.first() if key > 0 else None)
        if key is not None:
            message = "Avec une autre ligne, ces conventions se suivraient en rond."
            raise ValidationError({link: message})
        self.following[link][own] = first

    def prepare_new(self, records) -> None:
        references = ReferenceCounter.next_references(
            Convention.objects, convention_prefix(), len(records)
        )
        for record, reference in zip(records, references, strict=True):
            record.reference = reference
