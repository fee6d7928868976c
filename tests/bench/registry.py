"""A made-up registry of any size, with the spread of a real one; nobody in it exists.

A few communes and partners have most conventions; four in five last three years; one in three has no
amount, some have one a year or one for an action; half of the amounts are paid in part; one convention
in three measures something. Texts are made of some hundred words.
"""

import random
from decimal import Decimal

from django.db import models
from django.utils import timezone

from actions.models import Action, BudgetLine, Disbursement, Indicator, Measurement
from agreements.models import Avenant, Convention, LegalStep, Party
from cooperation.journal import refresh_statistics
from cooperation.models import Odd, Partner, Revision, Theme
from cooperation.records.gates import Status
from cooperation.values.text import fold

CHUNK = 5_000
WORDS = [
    "eau",
    "école",
    "marché",
    "santé",
    "forêt",
    "route",
    "déchets",
    "jeunesse",
    "culture",
    "formation",
    "adressage",
    "fiscalité",
    "urbanisme",
    "maraîchage",
    "bibliothèque",
    "numérique",
    "énergie",
    "solaire",
    "puits",
    "forage",
    "latrines",
    "cantine",
    "tourisme",
    "patrimoine",
    "artisanat",
    "archives",
    "état",
    "civil",
    "budget",
    "participation",
    "femmes",
    "climat",
    "reboisement",
    "assainissement",
    "pharmacie",
    "maternité",
    "électrification",
    "pont",
    "piste",
    "voirie",
    "éclairage",
    "gestion",
    "appui",
    "renforcement",
    "accès",
    "développement",
    "amélioration",
    "construction",
    "réhabilitation",
    "équipement",
    "échange",
]
RARE = "hydrogéologie"
FOREIGN = ["FR", "FR", "FR", "FR", "DE", "BE", "CH", "CA", "NL", "TG", "NG", "US"]


def raw(model, rows):
    """Rows without their history: a benchmark reads them, and nobody edits them."""
    return models.QuerySet(model).bulk_create(rows, batch_size=1000)


def generate(size, seed=1):
    """Fill an empty registry that has its reference data."""
    chance = random.Random(seed)
    now = timezone.now()
    public = {"status": Status.PUBLISHED, "published_at": now, "updated_at": now}
    communes = list(Partner.objects.communes().order_by("pk"))
    kinds = ["collectivite", "ong", "bailleur", "groupement", "institut", "fondation"]
    others = []
    for number in range(200):
        name = f"Partenaire {number}"
        others.append(
            Partner(
                name=name,
                slug=f"partenaire-{number}",
                kind=chance.choice(kinds),
                country=chance.choice(FOREIGN),
                search_text=fold(name),
                **public,
            )
        )
    others = raw(Partner, others)
    themes, odds = list(Theme.objects.all()), list(Odd.objects.all())
    for start in range(0, size, CHUNK):
        fill(range(start, min(start + CHUNK, size)), chance, public, communes, others, themes, odds)
    Revision.objects.update_or_create(pk=1, defaults={"number": 1, "token": "bench"})
    refresh_statistics()


def fill(numbers, chance, public, communes, others, themes, odds):
    conventions = raw(Convention, [convention(number, chance, public) for number in numbers])
    parties, themed, aimed, steps, avenants, actions = ([] for _ in range(6))
    funders = {}
    for number, record in zip(numbers, conventions, strict=True):
        owner = {"convention": record, "updated_at": public["updated_at"]}
        # The square makes the first ones frequent, as in life.
        home = communes[int(len(communes) * chance.random() ** 2)]
        away = others[int(len(others) * chance.random() ** 2)]
        parties.append(Party(partner=home, role="signataire", **owner))
        parties.append(
            Party(partner=away, role=chance.choice(["signataire", "chef-de-file", ""]), **owner)
        )
        if number % 4 == 0:
            funder = others[chance.randrange(20)]
            if funder != away:
                parties.append(Party(partner=funder, role="bailleur", **owner))
        for theme in chance.sample(themes, chance.choice([1, 1, 2])):
            themed.append(Convention.themes.through(convention=record, theme=theme))
        for odd in chance.sample(odds, chance.choice([0, 1, 2])):
            aimed.append(Convention.odds.through(convention=record, odd=odd))
        for kind in LegalStep.EXPECTED[: chance.choice([0, 1, 1, 3])]:
            steps.append(LegalStep(kind=kind, **owner))
        if number % 10 == 0 and record.ends_on:
            avenants.append(
                Avenant(
                    number=1,
                    purpose="Prolonger d’un an.",
                    signed_on=record.ends_on,
                    ends_on=str(record.ends_on.year + 1),
                    **owner,
                    **{k: v for k, v in public.items() if k != "updated_at"},
                )
            )
        for place in range(chance.choice([1, 2, 3])):
            title = sentence(chance, 6)
            actions.append(
                Action(
                    number=place + 1,
                    reference=f"{record.reference}-A{place + 1}",
                    title=title,
                    results=sentence(chance, 12) if chance.random() < 0.4 else "",
                    state=chance.choice(["", "prevue", "en-cours", "achevee"]),
                    search_text=fold(title),
                    **owner,
                )
            )
        funders[record.pk] = away
    raw(Party, parties)
    raw(Convention.themes.through, themed)
    raw(Convention.odds.through, aimed)
    raw(LegalStep, steps)
    raw(Avenant, avenants)
    places = Action.places.through
    made = raw(Action, actions)
    raw(places, [places(action=action, partner=chance.choice(communes)) for action in made])
    first_action = {action.convention_id: action for action in reversed(made)}
    fill_money(chance, conventions, funders, first_action)
    fill_results(chance, conventions, first_action)


def fill_money(chance, conventions, funders, first_action):
    """What is planned, for the whole term, a year or an action; and what is paid of it."""
    lines, paid = [], []
    for record in conventions:
        if chance.random() > 0.66:
            continue
        owner = {"convention": record, "updated_at": record.updated_at}
        currency = chance.choice(["EUR", "EUR", "XOF", "USD"])
        first = record.starts_on.year
        years = chance.choice([[None], [None], [first, first + 1, first + 2]])
        targets = [(year, None) for year in years]
        if chance.random() < 0.2:
            targets.append((None, first_action[record.pk]))
        for year, action in targets:
            amount = Decimal(chance.randrange(100_000, 200_000_000)) / 100
            lines.append(
                BudgetLine(
                    amount=amount,
                    counted_amount=amount,
                    currency=currency,
                    nature=chance.choice(["", "numeraire", "valorisation", "mixte"]),
                    funder=funders[record.pk],
                    year=year,
                    action=action,
                    **owner,
                )
            )
    for line in raw(BudgetLine, lines):
        year = line.year or line.convention.starts_on.year
        for paid_on in chance.choice(
            [[], [], [None], [str(year)], [f"{year}-06", f"{year}-11-20"]]
        ):
            paid.append(
                Disbursement(
                    budget_line=line,
                    paid_on=paid_on,
                    amount=(line.amount / 3).quantize(Decimal("0.01")),
                    currency=line.currency,
                    updated_at=line.updated_at,
                )
            )
    raw(Disbursement, paid)


def fill_results(chance, conventions, first_action):
    """Indicators of a convention or of an action, with no value, one or two."""
    indicators, values = [], []
    for record in conventions:
        if chance.random() < 0.33:
            year = record.starts_on.year
            indicators.append(
                Indicator(
                    convention=record,
                    action=chance.choice([None, first_action[record.pk]]),
                    name=f"Ménages desservis : {sentence(chance, 2)}",
                    unit="ménages",
                    baseline=chance.choice([None, Decimal(100)]),
                    baseline_on=str(year),
                    target=Decimal(chance.randrange(500, 5_000)),
                    target_on=str(year + 3),
                    updated_at=record.updated_at,
                )
            )
    for indicator in raw(Indicator, indicators):
        for after in range(1, chance.choice([1, 2, 3])):
            values.append(
                Measurement(
                    indicator=indicator,
                    value=Decimal(chance.randrange(100, 4_000)),
                    measured_on=str(indicator.baseline_on.year + after),
                    source="Rapport annuel",
                    updated_at=indicator.updated_at,
                )
            )
    raw(Measurement, values)


def sentence(chance, length):
    return " ".join(chance.choices(WORDS, k=length)).capitalize()


def convention(number, chance, public):
    year = chance.randint(1995, 2026)
    start = chance.choice([str(year), f"{year}-03", f"{year}-09-15"])
    title = f"Coopération n° {number} : {sentence(chance, 5)}"
    objectives = sentence(chance, 40) + (f" {RARE}" if number % 997 == 0 else "")
    record = Convention(
        reference=f"CONV-{year}-{number:07}",
        title=title,
        kind=chance.choice([*Convention.Kind.values[:6], ""]),
        starts_on=start,
        ends_on=str(year + 3) if chance.random() < 0.8 else None,
        objectives=objectives,
        source="Registre inventé",
        **public,
    )
    record.sort_key = start
    record.search_text = fold(f"{title} {objectives} {record.reference}")
    return record
