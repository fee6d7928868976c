"""The index of conventions: what they are filtered, counted, searched and sorted by."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import itemgetter

from django.db.models import F, Q
from django.utils import timezone

from agreements.amounts import givers, planned
from agreements.completeness import scores
from agreements.models import (
    OWN_END,
    STOPPING,
    Avenant,
    Convention,
    LegalStep,
    Party,
    Situation,
    State,
    by_signature,
    state_between,
)
from cooperation.lists.facets import (
    NO,
    YES,
    column,
    country_labels,
    partner_labels,
    results_facet,
    stated,
    status_facet,
)
from cooperation.lists.index import NONE, Facet, Index, choice_labels, too_many
from cooperation.lists.listing import Listing, parameters
from cooperation.models import Document, ExchangeRate, Odd, Partner, Theme
from cooperation.records.gates import Status
from cooperation.values.dates import FIRST_YEAR, LAST_YEAR, may_overlap
from cooperation.values.money import Nature, cents, currency_choices, in_euros
from cooperation.values.places import Departement
from cooperation.values.text import fold

IN_KIND = [
    ("0", "aucune"),
    ("1-25", "jusqu’à 25 %"),
    ("26-50", "de 25 à 50 %"),
    ("51-100", "plus de 50 %"),
]
SHARES = [(0, "0"), (25, "1-25"), (50, "26-50"), (100, "51-100")]
SCORES = [
    ("0-24", "moins de 25 %"),
    ("25-49", "25 à 49 %"),
    ("50-74", "50 à 74 %"),
    ("75-100", "75 % et plus"),
]
AMOUNTS = [
    ("0-9999", "moins de 10 000 €"),
    ("10000-99999", "10 000 à 100 000 €"),
    ("100000-999999", "100 000 à 1 million d’euros"),
    ("1000000-", "plus d’un million d’euros"),
]


# Labels


def theme_labels(values) -> dict:
    return {
        slug: name for slug, name in Theme.objects.values_list("slug", "name") if slug in values
    }


def odd_labels(values) -> dict:
    return {str(odd.number): str(odd) for odd in Odd.objects.all() if str(odd.number) in values}


def year_labels(values) -> dict:
    years = {
        v for v in values if len(v) == 4 and v.isdecimal() and FIRST_YEAR <= int(v) <= LAST_YEAR
    }
    return {year: year for year in sorted(years, reverse=True)}


def currency_labels(values) -> dict:
    return {code: code for code, _ in currency_choices() if code in values}


YEAR_HELP = f"Une année va de {FIRST_YEAR} à {LAST_YEAR}."


# Values


def states(records, day=None) -> Iterator:
    day = day or timezone.localdate()
    rows = records.with_term(day).values_list("pk", "begin", "term", "has_no_term", "situation")
    for key, begin, term, *facts in rows.iterator(chunk_size=5000):
        yield key, state_between(begin, term, day, *facts).value


def years(records) -> Iterator:
    """The years in which a convention may have been in force, as far as this one.

    The term of a year is what the avenants signed by its last day say, as in `overlapping`.
    """
    moved = defaultdict(list)
    known = Q(status=Status.PUBLISHED) | Q(convention__published_at__isnull=True)
    avenants = Avenant.objects.filter(known, ends_on__isnull=False, convention__in=records)
    for key, *avenant in avenants.order_by("number").values_list(
        "convention", "signed_on", "ends_on"
    ):
        moved[key].append(avenant)
    situations = defaultdict(list)
    for key, *situation in Situation.objects.filter(convention__in=records).values_list(
        "convention", "since", "kind"
    ):
        situations[key].append(situation)
    this_year = timezone.localdate().year
    rows = records.values_list("pk", "starts_on", "signed_on", OWN_END)
    for key, starts_on, signed_on, ends_on in rows.iterator(chunk_size=5000):
        begin, changes = starts_on or signed_on, moved.get(key, ())
        if not begin:
            continue
        terms = [ends_on, *(end for _, end in changes)]
        last = max(end.year if end else this_year for end in terms)
        for year in range(begin.year, last + 1):
            signed = [change for change in changes if not change[0] or change[0] <= f"{year}-12-31"]
            term = by_signature(signed, itemgetter(0))[-1][1] if signed else ends_on
            lasts = term is None or term >= str(year)
            if lasts and not is_over(situations.get(key, ()), year):
                yield key, str(year)


def is_over(situations, year) -> bool:
    """Whether the last of these situations (since, kind) known in a year says that nothing was in force.

    They come in their own order: by date, then as they were entered.
    """
    known = [one for one in situations if not one[0] or one[0] <= f"{year}-12-31"]
    # One without a date came before those that have one.
    since, kind = (
        max(enumerate(known), key=lambda one: (one[1][0] or "", one[0]))[1] if known else (None, "")
    )
    stopped = kind in STOPPING and since and since < str(year)
    return kind == Situation.Kind.REFUSED or bool(stopped)


def end_years(records) -> Iterator:
    """The year of its term, where it is known."""
    ending = records.filter(term__isnull=False).values_list("pk", "term")
    for key, term in ending.iterator(chunk_size=5000):
        yield key, str(term.year)


def communes(records) -> Iterator:
    """Those that signed, and those where an action takes place."""
    of_benin = Partner.objects.communes().values_list("pk", "slug")
    yield from related(records, of_benin)


def member_communes(records) -> Iterator:
    """Communes that were in its term members of a grouping that signed.

    NONE for what no commune is told of at all.
    """
    membership = "parties__partner__memberships__"
    grouped = records.filter(**{f"{membership}member__in": Partner.objects.communes()})
    names = (f"{membership}{name}" for name in ("member__slug", "since", "until"))
    pairs = {
        (key, slug)
        for key, begin, term, slug, *held in grouped.values_list("pk", "begin", "term", *names)
        if may_overlap(held, (begin, term))
    }
    yield from pairs
    placed = {key for key, _ in pairs} | {key for key, _ in communes(records)}
    for key in records.values_list("pk", flat=True):
        if key not in placed:
            yield key, NONE


def member_labels(values) -> dict:
    """The last one is what has no place on a map of communes."""
    nowhere = {NONE: "ni commune, ni groupement de communes"} if NONE in values else {}
    return partner_labels(values) | nowhere


def departements(records) -> Iterator:
    placed = Partner.objects.published().exclude(departement="").values_list("pk", "departement")
    yield from related(records, placed)


def related(records, partners) -> Iterator:
    values = dict(partners)
    for name in ("parties__partner", "actions__places"):
        for key, partner in records.filter(**{f"{name}__isnull": False}).values_list("pk", name):
            if partner in values:
                yield key, values[partner]


def funders(records) -> Iterator:
    """Who is a party as a funder, or gives an amount."""
    yield from ((key, slug) for key, slug, _ in givers(records))
    lenders = Party.objects.filter(role=Party.Role.FUNDER, convention__in=records)
    yield from lenders.order_by().values_list("convention", "partner__slug")


def lacking_steps(records) -> Iterator:
    held = set(
        LegalStep.objects.filter(convention__in=records, result__in=LegalStep.COUNTED)
        .order_by()
        .values_list("convention", "kind")
    )
    for key in records.values_list("pk", flat=True):
        for kind in LegalStep.EXPECTED:
            if (key, kind) not in held:
                yield key, kind.value


def with_results(records) -> Iterator:
    """Results in words, its own or an action’s, or a measured value."""
    described = Q(results__gt="") | Q(actions__results__gt="")
    described |= Q(indicators__measurements__isnull=False)
    having = set(records.filter(described).values_list("pk", flat=True))
    for key in records.values_list("pk", flat=True):
        yield key, YES if key in having else NO


def budget(records) -> dict:
    """{key: [(currency, nature, amount), …]} of the planned amounts that count."""
    lines = defaultdict(list)
    for key, *line in planned(records, "currency", "nature", "counted_amount"):
        lines[key].append(line)
    return lines


def amounts(records) -> Iterator:
    """(key, euros): planned amounts together, to the cent; what no rate converts is left out."""
    rates = ExchangeRate.objects.known_on()
    for key, lines in budget(records).items():
        sums = [in_euros(amount, currency, rates) for currency, _, amount in lines]
        if any(amount is not None for amount in sums):
            yield key, cents(sum(amount for amount in sums if amount is not None))


def amount_brackets(records) -> Iterator:
    known = dict(amounts(records))
    for key in records.values_list("pk", flat=True):
        yield key, bracket(AMOUNTS, known[key]) if key in known else NONE


def in_kind_shares(records) -> Iterator:
    """The part of staff time and goods; not known where a line does not say, or has no rate."""
    rates = ExchangeRate.objects.known_on()
    lines = budget(records)
    for key in records.values_list("pk", flat=True):
        parts = [(nature, in_euros(amount, c, rates)) for c, nature, amount in lines.get(key, ())]
        is_known = parts and all(
            nature in (Nature.CASH, Nature.IN_KIND) and amount is not None
            for nature, amount in parts
        )
        if not is_known:
            yield key, NONE
            continue
        total = sum(amount for _, amount in parts)
        share = 100 * sum(amount for nature, amount in parts if nature == Nature.IN_KIND) / total
        yield key, next(value for most, value in SHARES if share <= most)


def bracket(brackets, number) -> str:
    """The first bracket whose upper bound the number does not pass; the last one has none."""
    for value, _ in brackets:
        most = value.split("-")[1]
        if not most or number < Decimal(most) + 1:
            return value
    return brackets[-1][0]


def completeness(records) -> Iterator:
    for key, score in scores(records).items():
        yield key, bracket(SCORES, score)


# Text, from the best place for a word to be found to the least


def own_words(records) -> Iterable:
    rows = records.values_list("pk", "reference", "title")
    return (
        (key, fold(f"{reference} {title}"))
        for key, reference, title in rows.iterator(chunk_size=5000)
    )


def party_words(records) -> Iterable:
    texts = dict(Partner.objects.order_by().values_list("pk", "search_text"))
    rows = (
        Party.objects.filter(convention__in=records).order_by().values_list("convention", "partner")
    )
    return ((key, texts[partner]) for key, partner in rows.iterator(chunk_size=5000))


def other_words(records) -> Iterator:
    """Objectives and remarks; actions and where they are; titles of public documents."""
    yield from records.values_list("pk", "search_text").iterator(chunk_size=5000)
    actions = records.filter(actions__isnull=False)
    yield from actions.values_list("pk", "actions__search_text").iterator(chunk_size=5000)
    places = dict(
        Partner.objects.published().communes().order_by().values_list("pk", "search_text")
    )
    for key, place in actions.filter(actions__places__isnull=False).values_list(
        "pk", "actions__places"
    ):
        yield key, places.get(place, "")
    public = Document.objects.published().filter(access=Document.Access.PUBLIC)
    documents = records.filter(documents__in=public).values_list("pk", "documents__search_text")
    yield from documents


def touched(entries) -> set[int] | None:
    """Keys of the conventions that changed records are about; None where all of them may be."""
    if entries.keys() & {"theme", "exchangerate"} or too_many(entries):
        return None
    found = Convention.objects.order_by()
    conditions = {
        "partner": [
            "parties__partner",
            "parties__partner__members",
            "actions__places",
            "budget_lines__funder",
            "budget_lines__joint_funders",
        ],
        "budgetline": ["budget_lines", "shared_lines"],
        "indicator": ["indicators"],
        "document": ["documents"],
    }
    keys = set(entries.get("convention", ()))
    for kind, names in conditions.items():
        for name in names if kind in entries else ():
            near = found.filter(**{f"{name}__in": entries[kind]})
            keys.update(near.values_list("pk", flat=True))
    return keys


CONVENTION_INDEX = Index(
    lambda: Convention.objects.with_term(),
    [
        Facet("state", "État", states, choice_labels(State), in_order=True),
        Facet("country", "Pays des parties", column("parties__partner__country"), country_labels),
        Facet("departement", "Département", departements, choice_labels(Departement)),
        Facet("commune", "Commune", communes, partner_labels),
        Facet("theme", "Thème", column("themes__slug"), theme_labels),
        Facet("year", "A pu être en vigueur en", years, year_labels, in_order=True, help=YEAR_HELP),
        Facet("ends", "Finit en", end_years, year_labels, in_order=True, help=YEAR_HELP),
        Facet("funder", "Financeur", funders, partner_labels),
        Facet("member", "Commune d’un groupement partie", member_communes, member_labels),
        Facet("partner", "Partenaire", column("parties__partner__slug"), partner_labels),
        Facet(
            "partner_kind",
            "Nature des partenaires",
            column("parties__partner__kind"),
            choice_labels(Partner.Kind),
        ),
        Facet("role", "Rôle d’une partie", column("parties__role"), choice_labels(Party.Role)),
        Facet("odd", "ODD", column("odds__number"), odd_labels),
        Facet(
            "kind",
            "Nature",
            stated("kind"),
            choice_labels(Convention.Kind, empty="non renseignée"),
        ),
        Facet(
            "provenance",
            "Provenance",
            stated("provenance"),
            choice_labels(Convention.Provenance, empty="non renseignée"),
            in_order=True,
        ),
        Facet(
            "amount",
            "Montant prévu",
            amount_brackets,
            choice_labels(AMOUNTS, empty="non renseigné"),
            in_order=True,
            help="Converti en euros au taux affiché ; ce qui n’a pas de taux ne compte pas.",
        ),
        Facet("currency", "Monnaie", column("budget_lines__currency"), currency_labels),
        Facet(
            "in_kind",
            "Part valorisée",
            in_kind_shares,
            choice_labels(IN_KIND, empty="non renseignée"),
            in_order=True,
        ),
        Facet(
            "missing",
            "Étape légale manquante",
            lacking_steps,
            choice_labels(LegalStep.Kind),
            in_order=True,
        ),
        results_facet(with_results),
        Facet(
            "completeness",
            "Complète à",
            completeness,
            choice_labels(SCORES),
            in_order=True,
            is_private=True,
        ),
        status_facet(),
    ],
    zones=(own_words, party_words, other_words),
    orders={
        "date": ("-sort_key", "reference"),
        "title": ("search_text", "reference"),
        "kind": ("kind", "-sort_key", "reference"),
        "term": (F("term").asc(nulls_last=True), "reference"),
        "updated": ("news_at", "reference"),
    },
    touched=touched,
    amounts=amounts,
    daily={"state": states},
    spoken=("kind", "country", "departement", "theme", "year"),
)
# What people may choose to sort by: (value in the address, label).
ORDERS = [
    ("date", "la plus récente"),
    ("-date", "la plus ancienne"),
    ("title", "intitulé, de A à Z"),
    ("-title", "intitulé, de Z à A"),
    ("kind", "nature"),
    ("term", "fin la plus proche"),
    ("-term", "fin la plus lointaine"),
    ("-updated", "dernière modification"),
]
TYPED = ("on", "amount_min", "amount_max", "amount_currency", "updated_after")
PARAMETERS = parameters([*CONVENTION_INDEX.facets, *TYPED])


def convention_listing(data, user) -> Listing:
    """The conventions that an address asks for."""
    return Listing(CONVENTION_INDEX, data, user, names=TYPED, orders=ORDERS)
