"""What a convention should say, for whom: the rule sets, each record's score, the next thing to do.

A rule is a warning with a name. None blocks an entry; only the two parties of `require_ready` do.
Sources: the terms of reference of the sub-group for the bilan; the calls of the French ministry of
foreign affairs (MEAE) for co-funding; IATI 2.03 for what an activity must hold.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from agreements.models import Convention, LegalStep
from cooperation.money import Nature
from cooperation.places import BENIN
from cooperation.records import Status

PUBLICATION, BILAN, COFUNDING, IATI = "publication", "bilan CNCD", "cofinancement MEAE", "IATI"

MEAE_LEAST_FOREIGN_SHARE = Decimal("0.10")
MEAE_MOST_IN_KIND = Decimal("0.50")

# What the rules read, fetched at once for any number of conventions.
FACTS = (
    "parties__partner",
    "themes",
    "odds",
    "legal_steps",
    "documents",
    "actions",
    "budget_lines__funder",
)


@dataclass(frozen=True)
class Rule:
    """`holds` answers for a convention fetched with FACTS; `anchor` is where to mend it."""

    name: str
    to_do: str
    sets: tuple[str, ...]
    anchor: str
    holds: Callable[[Convention], bool]


def shares(convention, value_of):
    """Planned amounts summed by value_of(line), where all are in one currency; else {}."""
    lines = [line for line in convention.budget_lines.all() if line.funder]
    if len({line.currency for line in lines}) != 1:
        return {}
    sums = defaultdict(Decimal)
    for line in lines:
        sums[value_of(line)] += line.amount
    return sums


def foreign_side_pays(convention):
    """Not told (no line with a funder, or several currencies) is not held."""
    sums = shares(convention, lambda line: line.funder.country not in ("", BENIN))
    total = sum(sums.values())
    return bool(total) and sums[True] >= total * MEAE_LEAST_FOREIGN_SHARE


def in_kind_is_bounded(convention):
    sums = shares(convention, lambda line: (line.funder.pk, line.nature == Nature.IN_KIND))
    funders = {funder for funder, _ in sums}
    return bool(sums) and all(
        sums[funder, True] <= (sums[funder, True] + sums[funder, False]) * MEAE_MOST_IN_KIND
        for funder in funders
    )


def has_step(kind):
    return lambda convention: any(step.kind == kind for step in convention.legal_steps.all())


def actions_all(test):
    return lambda convention: (
        bool(convention.actions.all()) and all(map(test, convention.actions.all()))
    )


RULES = [
    Rule(
        "deux parties",
        "Ajoutez la seconde partie.",
        (PUBLICATION, IATI),
        "parties-group",
        lambda c: len({party.partner_id for party in c.parties.all()}) > 1,
    ),
    Rule(
        "nature",
        "Choisissez la nature de la convention.",
        (PUBLICATION,),
        "id_kind",
        lambda c: bool(c.kind),
    ),
    Rule(
        "début ou signature",
        "Donnez la date de début ou de signature.",
        (PUBLICATION, BILAN, IATI),
        "id_starts_on",
        lambda c: bool(c.starts_on or c.signed_on),
    ),
    Rule(
        "fin",
        "Donnez la fin, ou la durée en mois.",
        (PUBLICATION, BILAN, IATI),
        "id_ends_on",
        lambda c: bool(c.ends_on),
    ),
    Rule(
        "objectifs",
        "Résumez les objectifs.",
        (PUBLICATION, IATI),
        "id_objectives",
        lambda c: bool(c.objectives),
    ),
    Rule(
        "thème",
        "Choisissez au moins un thème.",
        (PUBLICATION, BILAN, IATI),
        "id_themes",
        lambda c: bool(c.themes.all()),
    ),
    Rule(
        "rôle de chaque partie",
        "Précisez le rôle de chaque partie.",
        (IATI,),
        "parties-group",
        lambda c: bool(c.parties.all()) and all(party.role for party in c.parties.all()),
    ),
    Rule(
        "ODD",
        "Choisissez les ODD concernés.",
        (BILAN,),
        "id_odds",
        lambda c: bool(c.odds.all()),
    ),
    Rule(
        "texte signé",
        "Joignez le texte signé.",
        (PUBLICATION,),
        "id_documents",
        lambda c: bool(c.documents.all()),
    ),
    Rule(
        "délibération",
        "Renseignez la délibération du conseil.",
        (PUBLICATION, COFUNDING),
        "legal_steps-group",
        has_step(LegalStep.Kind.DELIBERATION),
    ),
    Rule(
        "transmission à la tutelle",
        "Renseignez la transmission au préfet.",
        (PUBLICATION,),
        "legal_steps-group",
        has_step(LegalStep.Kind.TRANSMISSION),
    ),
    Rule(
        "approbation de la tutelle",
        "Renseignez l’approbation de la tutelle.",
        (PUBLICATION,),
        "legal_steps-group",
        has_step(LegalStep.Kind.APPROVAL),
    ),
    Rule(
        "actions",
        "Saisissez les actions.",
        (BILAN, IATI),
        "actions-group",
        lambda c: bool(c.actions.all()),
    ),
    Rule(
        "état des actions",
        "Donnez l’état de chaque action.",
        (BILAN,),
        "actions-group",
        actions_all(lambda action: action.state),
    ),
    Rule(
        "résultats des actions achevées",
        "Décrivez les résultats de chaque action achevée.",
        (BILAN,),
        "actions-group",
        actions_all(lambda action: action.state != "achevee" or action.results),
    ),
    Rule(
        "budget",
        "Saisissez au moins une ligne budgétaire.",
        (BILAN, IATI),
        "budget_lines-group",
        lambda c: bool(c.budget_lines.all()),
    ),
    Rule(
        "numéraire ou valorisation",
        "Dites de chaque ligne si elle est en numéraire ou valorisée.",
        (BILAN,),
        "budget_lines-group",
        lambda c: bool(c.budget_lines.all()) and all(line.nature for line in c.budget_lines.all()),
    ),
    Rule(
        "part étrangère d’au moins 10 %",
        "La partie étrangère apporte moins de 10 % du budget, ou les financeurs ne sont pas dits.",
        (COFUNDING,),
        "budget_lines-group",
        foreign_side_pays,
    ),
    Rule(
        "valorisation d’au plus 50 % par partie",
        "Une partie valorise plus de la moitié de son apport, ou les financeurs ne sont pas dits.",
        (COFUNDING,),
        "budget_lines-group",
        in_kind_is_bounded,
    ),
]


@dataclass(frozen=True)
class Assessment:
    """How complete a convention is: held and missing rules, and the score in whole per cent."""

    convention: Convention
    missing: list[Rule]

    @property
    def score(self):
        return 100 * (len(RULES) - len(self.missing)) // len(RULES)

    @property
    def by_set(self):
        """[("publication", held, of how many), …]."""
        counts = []
        for name in (PUBLICATION, BILAN, COFUNDING, IATI):
            rules = [rule for rule in RULES if name in rule.sets]
            held = sum(rule not in self.missing for rule in rules)
            counts.append((name, held, len(rules)))
        return counts

    @property
    def form_address(self):
        return reverse("admin:agreements_convention_change", args=[self.convention.pk])

    @property
    def next_to_do(self):
        """The first missing rule, or None."""
        return self.missing[0] if self.missing else None


def assess(convention):
    """The Assessment of one convention; it need not be fetched with FACTS."""
    return Assessment(convention, [rule for rule in RULES if not rule.holds(convention)])


def worst_first(conventions):
    """Assessments of conventions not withdrawn, the least complete first."""
    found = (
        conventions.exclude(status__in=[Status.WITHDRAWN, Status.MERGED])
        .with_term()
        .prefetch_related(*FACTS)
    )
    return sorted(map(assess, found), key=lambda a: (a.score, a.convention.reference))
