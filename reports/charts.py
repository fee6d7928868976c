"""Charts of a list of conventions: each answers one question, and its title says what is found.

A chart is a table too: its figures stand beside what is drawn, and lead to the rows behind them.
"""

from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from pyroaring import BitMap

from actions.models import Action, BudgetLine
from agreements.facets import CONVENTION_INDEX
from agreements.models import State
from cooperation.caching import worked_out
from cooperation.lists.index import NONE
from cooperation.models import Partner
from cooperation.values.money import Total, format_money, short_money
from cooperation.values.places import BENIN, Departement
from reports.facts.figures import no_agreement
from reports.facts.spending import TOGETHER, UNKNOWN, Spending, spending
from reports.overview import told_apart

# Rows of a chart; beyond, « autres » says how many.
MOST_ROWS = 12
# Years drawn, how many of them to come, and how far apart those written below are.
MOST_YEARS, MOST_AHEAD, WRITTEN = 40, 5, 5
# Countries whose years are drawn; themes told of a funder.
MOST_COUNTRIES, MOST_THEMES = 6, 2
# Who gives, where that is no one partner.
GIVERS = {UNKNOWN: "financeur non renseigné", TOGETHER: "plusieurs financeurs ensemble"}


@dataclass(frozen=True)
class Row:
    """One line of a chart: what leads to its conventions, its cells, its outline in a box of 100 by 8.

    `words` say more of it below: text, or safe HTML.
    """

    label: str
    address: str
    cells: list
    outline: str = ""
    words: str = ""


@dataclass(frozen=True)
class Piece:
    """What a year has of one kind, in a box that is 1 wide for each year and 100 high."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Years:
    """Columns side by side. `most` is what is as high as the box; `marks` are the labels below, most empty."""

    pieces: list[Piece]
    marks: list[str]
    most: str
    # [(kind of a piece, what it stands for), …]
    key: list[tuple[str, str]]


@dataclass(frozen=True)
class Chart:
    """`title` says what is found, `about` what is counted; `headings` are those of its table."""

    name: str
    title: str
    about: str
    headings: list[str]
    rows: list[Row]
    years: Years | None = None
    note: str = ""
    others: int = 0
    more: str = ""


def spending_of(listing) -> Spending:
    keys = listing.keys_found
    return worked_out("spending", keys.serialize(), make=lambda: spending(keys.to_array().tolist()))


# How many


def counted(listing, name, heading, leaving_out=(NONE,)) -> Chart:
    """How many of the listed conventions have each value of a facet, the most first."""
    labels = listing.labels_of[name]
    counts = {value: len(keys) for value, keys in listing.held(name).items() if keys}
    order = sorted(
        counts.keys() - set(leaving_out), key=lambda value: (-counts[value], labels[value])
    )
    most = counts[order[0]] if order else 1
    rows = [
        Row(
            labels[value],
            list_at(listing, name, value),
            [counts[value]],
            bar(counts[value], most),
        )
        for value in order[:MOST_ROWS]
    ]
    return Chart(
        name,
        f"{rows[0].label} : {most} des {conventions(listing.count)}" if rows else "",
        f"Conventions par {heading.lower()}",
        [heading, "Conventions"],
        rows,
        others=max(0, len(order) - MOST_ROWS),
        more=f"{reverse('convention_list')}?{listing.query}&facet={name}#facet-{name}",
    )


def by_country(listing) -> Chart:
    """Benin is a party of nearly all, and says nothing."""
    return counted(listing, "country", "Pays partenaire", leaving_out=(NONE, BENIN))


def without_convention(listing) -> Chart | None:
    """Communes that neither signed, nor host, nor are in a grouping that signed; by département.

    Of a list that is already of some communes or partners, the question makes no sense.
    """
    if listing.chosen.keys() & {"commune", "partner", "member"}:
        return None
    with CONVENTION_INDEX as index:
        unsigned = no_agreement(index.values_on("state", listing.day))
    own, grouped, _ = told_apart(
        *(
            {slug: keys - unsigned for slug, keys in listing.held(name).items()}
            for name in ("commune", "member")
        )
    )
    places = listing.chosen.get("departement") or dict(Departement.choices)
    communes = [one for one in Partner.objects.published().communes() if one.departement in places]
    lacking = [one for one in communes if not (own.get(one.slug) or grouped.get(one.slug))]
    only_grouped = sum(not own.get(one.slug) and bool(grouped.get(one.slug)) for one in communes)
    rows = []
    for departement, label in places.items():
        here = [one for one in communes if one.departement == departement]
        names = [one for one in lacking if one.departement == departement]
        if names:
            links = format_html_join(
                ", ", '<a href="{}">{}</a>', ((one.get_absolute_url(), one.name) for one in names)
            )
            address = list_at(listing, "departement", departement)
            cells = [f"{len(names)} sur {len(here)}"]
            rows.append(Row(label, address, cells, bar(len(names), len(here)), links))
    here = "de cette liste" if listing.active else "du registre"
    verb = "ne sont" if len(lacking) > 1 else "n’est"
    return Chart(
        "communes",
        f"{len(lacking)} des {len(communes)} communes {verb} dans aucune convention {here}",
        "Communes sans convention, par département",
        ["Département, communes", "Sans convention"],
        rows,
        note=f"{only_grouped} autres ne le sont que par un groupement." if only_grouped > 1 else "",
    )


def conventions(count) -> str:
    return f"{count} convention{'s' if count > 1 else ''}"


# Year by year


def in_force(listing) -> Chart | None:
    held = listing.held("year")
    known = BitMap().union(*listing.held("ends").values())
    years = years_drawn([int(year) for year, keys in held.items() if keys])
    if not years:
        return None
    sure = [len(held.get(str(year), BitMap()) & known) for year in years]
    open_ended = [len(held.get(str(year), BitMap()) - known) for year in years]
    together = [one + other for one, other in zip(sure, open_ended, strict=True)]
    this_year = timezone.localdate().year
    now, never = (
        dict(zip(years, counts, strict=True)).get(this_year, 0) for counts in (together, open_ended)
    )
    beside = f", dont {never} à la fin inconnue ou sans terme" if never else ""
    most = max(together)
    pieces = [
        piece
        for x, (low, high) in enumerate(zip(sure, open_ended, strict=True))
        for piece in (
            upright("sure", x + 0.1, 0.8, low, most),
            upright("doubt", x + 0.1, 0.8, high, most, above=low),
        )
        if piece.height
    ]
    return Chart(
        "annees",
        f"{conventions(now)} {'ont' if now > 1 else 'a'} pu être en vigueur en {this_year}{beside}",
        "Conventions qui ont pu être en vigueur, année par année",
        ["Année", "En tout", "Terme connu", "Fin inconnue ou sans terme"],
        [
            Row(str(year), list_at(listing, "year", year), [all_of_it, *parts])
            for year, all_of_it, *parts in zip(years, together, sure, open_ended, strict=True)
        ],
        Years(
            pieces,
            marks(years),
            str(most),
            [("sure", "terme connu"), ("doubt", "fin inconnue ou sans terme")],
        ),
    )


def countries_by_year(listing) -> Chart | None:
    """The years of each of the first partner countries, all on one scale."""
    held, labels = listing.held("year"), listing.labels_of["country"]
    countries = {
        value: keys
        for value, keys in listing.held("country").items()
        if keys and value not in (NONE, BENIN)
    }
    this_year = timezone.localdate().year
    years = years_drawn([int(year) for year, keys in held.items() if keys], ahead=0)
    if not years or len(countries) < 2:
        return None
    order = sorted(countries, key=lambda value: -len(countries[value]))[:MOST_COUNTRIES]
    counts = {
        value: [len(held.get(str(year), BitMap()) & countries[value]) for year in years]
        for value in order
    }
    most = max(map(max, counts.values())) or 1
    rows = [
        Row(
            labels[value],
            list_at(listing, "country", value),
            [
                f"{max(counts[value])} en {years[counts[value].index(max(counts[value]))]}",
                counts[value][-1],
            ],
            steps(counts[value], most),
        )
        for value in order
    ]
    rows.sort(key=lambda row: -row.cells[-1])
    told = ", ".join(f"{row.label} {row.cells[-1]}" for row in rows[:3])
    return Chart(
        "pays-annees",
        f"En {this_year} : {told}",
        f"Conventions qui ont pu être en vigueur, par pays partenaire, de {years[0]} à {this_year}",
        ["Pays partenaire", "Le plus", f"En {this_year}"],
        rows,
        others=max(0, len(countries) - len(order)),
        more=f"{reverse('convention_list')}?{listing.query}&facet=country#facet-country",
    )


def planned_and_paid(listing) -> Chart | None:
    money = spending_of(listing)
    planned, paid = money.planned, money.paid
    years = years_drawn([year for year in planned.keys() | paid.keys() if year != UNKNOWN])
    if not years:
        return None
    most = max(max(planned.get(year, 0), paid.get(year, 0)) for year in years)
    pieces = [
        piece
        for x, year in enumerate(years)
        for piece in (
            upright("planned", x + 0.06, 0.42, planned.get(year, 0), most),
            upright("sure", x + 0.52, 0.42, paid.get(year, 0), most),
        )
        if piece.height
    ]
    rows = [(str(year), list_at(listing, "year", year), year) for year in years]
    if UNKNOWN in planned or UNKNOWN in paid:
        rows.append(("Plusieurs années, ou sans année", "", UNKNOWN))
    return Chart(
        "argent",
        money_told(money),
        "Montants prévus et versés, année par année",
        ["Année", "Prévu", "Versé"],
        [
            Row(label, address, [in_full(held.get(year)) for held in (planned, paid)])
            for label, address, year in rows
        ],
        Years(
            pieces,
            marks(years),
            short_money(most, "EUR"),
            [("planned", "prévu"), ("sure", "versé")],
        ),
        note=aside(money),
    )


def money_told(money: Spending) -> str:
    planned, paid = money.whole.euros, money.whole_paid.euros
    if not paid:
        return f"{short_money(planned, 'EUR')} prévus ; aucun versement n’est connu"
    if not planned:
        return f"{short_money(paid, 'EUR')} versés"
    return f"{short_money(paid, 'EUR')} versés, pour {short_money(planned, 'EUR')} prévus"


def aside(money: Spending) -> str:
    """What is drawn nowhere for want of a year, and what no rate converts."""
    told = []
    if undated := money.planned.get(UNKNOWN):
        told.append(f"{format_money(undated, 'EUR')} prévus pour plusieurs années, ou sans année")
    told += [f"{total.label} prévus, sans taux" for total in money.whole.apart]
    told += [f"{total.label} versés, sans taux" for total in money.whole_paid.apart]
    return f"À part : {' ; '.join(told)}." if told else ""


# Who gives what


def by_funder(listing) -> Chart:
    """The amounts that each gives alone, and the themes of the conventions that have them."""
    money = spending_of(listing)
    labels, held = listing.labels_of["funder"] | GIVERS, listing.held("funder")
    themes = listing.held("theme")
    order = sorted(money.given, key=lambda giver: -money.given[giver])
    most = money.given[order[0]] if order else 1
    rows = [
        Row(
            labels.get(giver, "financeur non publié"),
            list_at(listing, "funder", giver) if giver in held else "",
            [in_full(money.given[giver])],
            bar(money.given[giver], most),
            themes_of(listing, held.get(giver), themes),
        )
        for giver in order[:MOST_ROWS]
    ]
    named = next((giver for giver in order if giver in held), None)
    title = "Le registre ne dit pas qui donne"
    if named:
        title = f"{labels[named]} donne le plus : {short_money(money.given[named], 'EUR')}"
    return Chart(
        "financeurs",
        title,
        "Montants prévus, par financeur, et les thèmes de ses conventions",
        ["Financeur, premiers thèmes", "Montant prévu"],
        rows,
        others=max(0, len(order) - MOST_ROWS),
        more=f"{reverse('convention_list')}?{listing.query}&facet=funder#facet-funder",
    )


def themes_of(listing, keys, themes) -> str:
    """The themes that most of some conventions have."""
    if not keys:
        return ""
    labels = listing.labels_of["theme"]
    counts = {value: len(held & keys) for value, held in themes.items() if value != NONE}
    first = sorted(filter(counts.get, counts), key=lambda value: (-counts[value], labels[value]))
    return ", ".join(labels[value] for value in first[:MOST_THEMES])


# Drawing


def list_at(listing, name, value) -> str:
    """The listed conventions that have a value."""
    return f"{reverse('convention_list')}?{listing.narrowed(name, value)}"


def in_full(euros) -> str:
    return format_money(euros, "EUR") if euros else ""


def bar(amount, most) -> str:
    return f"M0 0H{float(100 * amount / most):.1f}V8H0z"


def steps(counts, most) -> str:
    """A step as wide as the others for each count."""
    wide = 100 / len(counts)
    path = "".join(
        f"V{8 - 8 * count / most:.2f}H{wide * (place + 1):.1f}"
        for place, count in enumerate(counts)
    )
    return f"M0 8{path}V8z"


def upright(kind, x, width, amount, most, above=0) -> Piece:
    """A piece of a column, on another or on the ground."""
    height, ground = (round(float(100 * one / most), 1) for one in (amount, above))
    return Piece(kind, round(x, 2), round(100 - ground - height, 1), width, height)


def years_drawn(years, ahead=MOST_AHEAD) -> list[int]:
    """Every year between the first and the last, without a gap; none where none is known."""
    this_year = timezone.localdate().year
    years = [year for year in years if year <= this_year + ahead]
    if not years:
        return []
    last = max(this_year, *years)
    return list(range(max(min(years), last - MOST_YEARS + 1), last + 1))


def marks(years: list[int]) -> list[str]:
    """The first and the last would be written beyond the edge."""
    edges = (years[0], years[-1])
    return ["" if year % WRITTEN or year in edges else str(year) for year in years]


# {name in an address: what draws it}, in the order of the page.
CHARTS = {
    "annees": in_force,
    "argent": planned_and_paid,
    "country": by_country,
    "pays-annees": countries_by_year,
    "financeurs": by_funder,
    "communes": without_convention,
    "theme": partial(counted, name="theme", heading="Thème"),
    "departement": partial(counted, name="departement", heading="Département"),
}


def chart_of(listing, name) -> Chart | None:
    """The one so named; None where it has nothing to show."""
    chart = CHARTS[name](listing)
    return chart if chart and chart.rows else None


def charts_of(listing) -> list[Chart]:
    return [chart for name in CHARTS if (chart := chart_of(listing, name))]


# A theme or an ODD


@dataclass(frozen=True)
class Subject:
    """What the registry holds of a theme or an ODD."""

    # « 1,2 M € versés, pour 3,4 M € prévus »; "" where no amount is known.
    money: str
    budget: list[Total]
    # (value of the facet, label, tone, how many), in the order of states.
    conventions: list[tuple[str, str, str, int]]
    actions: list[tuple[str, str, str, int]]
    charts: list[Chart]

    @property
    def action_count(self) -> int:
        return sum(count for *_, count in self.actions)


def subject_of(listing) -> Subject:
    """Of a list that its address alone describes."""
    found = listing.keys_found.serialize()
    return worked_out("subject", listing.query, found, make=lambda: make_subject(listing))


def make_subject(listing) -> Subject:
    keys = listing.keys_found.to_array().tolist()
    acting = Action.objects.filter(convention__in=keys).order_by()
    states = Counter(acting.values_list("state", flat=True))
    known = [(state.value, state.label, state.tone) for state in Action.State]
    budget = BudgetLine.objects.serving(keys).totals() if keys else []
    charts = [
        in_force(listing),
        counted(listing, "commune", "Commune"),
        counted(listing, "partner", "Partenaire"),
        by_country(listing),
        by_funder(listing),
    ]
    return Subject(
        money=money_told(spending_of(listing)) if budget else "",
        budget=budget,
        conventions=[
            (value, State(value).label, State(value).tone, count)
            for value, count in listing.counts["state"]
        ],
        actions=[
            (value or NONE, label, tone, states[value])
            for value, label, tone in [*known, ("", "état non renseigné", "")]
            if states[value]
        ],
        charts=[chart for chart in charts if chart and chart.rows],
    )
