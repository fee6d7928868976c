"""What a convention should say, for whom: the rule sets, each record's score, the next thing to do.

A rule is a warning with a name. None blocks an entry; only the two parties of `require_ready` do.
Sources: the terms of reference of the sub-group for the bilan; the calls of the French ministry of
foreign affairs (MEAE) for co-funding; IATI 2.03 for what an activity must hold.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from agreements.amounts import planned
from agreements.cofunding import Line, foreign_share, in_kind_share
from agreements.models import Convention, ConventionQuerySet, LegalStep
from cooperation.values.money import PARITY, format_money
from cooperation.values.states import ActionState

PUBLICATION, BILAN, COFUNDING, IATI = "publication", "bilan CNCD", "cofinancement MEAE", "IATI"


@dataclass(frozen=True)
class Rule:
    """`held_by` finds, among conventions, those that hold it; `anchor` is where to mend it.

    Where what is to do depends on the convention, `lacking` says it: {key: a sentence} of those that do
    not hold the rule, or of which it cannot be told.
    """

    name: str
    to_do: str
    sets: tuple[str, ...]
    anchor: str
    held_by: Callable[[ConventionQuerySet], Iterable[int]] | None = None
    lacking: Callable[[ConventionQuerySet], dict[int, str]] | None = None

    def missed_by(self, conventions, every) -> dict[int, "Rule"]:
        """{key: the rule, with what is to do there} of those among `every` key that miss it."""
        if self.lacking:
            told = self.lacking(conventions)
            return {key: replace(self, to_do=to_do) for key, to_do in told.items()}
        return dict.fromkeys(every - set(self.held_by(conventions)), self)


def keys(conventions) -> QuerySet:
    return conventions.order_by().values_list("pk", flat=True)


def filled(*names) -> Callable:
    """One of the fields at least is not empty."""

    def held_by(conventions):
        empty = Q(*((name, None) for name in names)) | Q(*((name, "") for name in names))
        return keys(conventions.exclude(empty))

    return held_by


def ending(conventions) -> QuerySet:
    """An end is known, written or deduced, or there is none by its nature."""
    told = Q(ends_on__isnull=False) | Q(deduced_end__isnull=False) | Q(has_no_term=True)
    return keys(conventions.filter(told))


def some(relation, **lookups) -> Callable:
    """At least one such line."""

    def held_by(conventions):
        described = {f"{relation}__{name}": value for name, value in lookups.items()}
        return keys(conventions.filter(**{f"{relation}__isnull": False} | described))

    return held_by


def some_and_none(relation, **lookups) -> Callable:
    """At least one line, and none so described."""

    def held_by(conventions):
        described = {f"{relation}__{name}": value for name, value in lookups.items()}
        lacking = keys(conventions.filter(**described))
        return keys(conventions.filter(**{f"{relation}__isnull": False}).exclude(pk__in=lacking))

    return held_by


def two_parties(conventions) -> QuerySet:
    partners = models.Count("parties__partner", distinct=True)
    return keys(conventions.annotate(partner_count=partners).filter(partner_count__gt=1))


def budgets(conventions) -> dict[int, list[Line]]:
    """{key: its budget lines that count}"""
    names = ("counted_amount", "currency", "funder", "funder__country", "nature")
    found = {key: [] for key in keys(conventions)}
    for key, amount, currency, funder, country, nature in planned(conventions, *names):
        found[key].append(Line(amount, currency, funder, country or "", nature))
    return found


def answered(question) -> Callable:
    """What keeps each convention from a share that calls for co-funding ask for (cofunding.py)."""

    def lacking(conventions):
        answers = {key: question(lines) for key, lines in budgets(conventions).items()}
        return {key: answer.why for key, answer in answers.items() if not answer.held}

    return lacking


def said_twice(conventions) -> dict[int, str]:
    """Amounts in euros and in francs that are one another within a hundredth: both are counted."""
    found = {}
    for key, lines in budgets(conventions).items():
        if not lines:
            found[key] = "Ne se vérifie pas encore : aucun montant n’est saisi."
        francs = [line.amount for line in lines if line.currency == "XOF"]
        for line in lines:
            worth = line.amount * PARITY
            near = [
                one for one in francs if line.currency == "EUR" and abs(one - worth) * 100 < worth
            ]
            if near:
                found[key] = (
                    f"{format_money(line.amount, 'EUR')} et {format_money(near[0], 'XOF')} sont presque "
                    "le même montant : si le second n’est que l’équivalent du premier, dites-le sur la "
                    "ligne en euros, et supprimez l’autre."
                )
    return found


RULES = [
    Rule(
        "deux parties",
        "Ajoutez la seconde partie.",
        (PUBLICATION, IATI),
        "parties-group",
        two_parties,
    ),
    Rule(
        "nature",
        "Choisissez la nature de la convention.",
        (PUBLICATION,),
        "id_kind",
        filled("kind"),
    ),
    Rule(
        "début ou signature",
        "Donnez la date de début ou de signature.",
        (PUBLICATION, BILAN, IATI),
        "id_starts_on",
        filled("starts_on", "signed_on"),
    ),
    Rule(
        "fin",
        "Donnez la fin, ou la durée en mois ; ou dites qu’elle est sans terme.",
        (PUBLICATION, BILAN, IATI),
        "id_ends_on",
        ending,
    ),
    Rule(
        "objectifs",
        "Résumez les objectifs.",
        (PUBLICATION, IATI),
        "id_objectives",
        filled("objectives"),
    ),
    Rule(
        "thème",
        "Choisissez au moins un thème.",
        (PUBLICATION, BILAN, IATI),
        "id_themes",
        some("themes"),
    ),
    Rule(
        "rôle de chaque partie",
        "Précisez le rôle de chaque partie.",
        (IATI,),
        "parties-group",
        some_and_none("parties", role=""),
    ),
    Rule(
        "ODD",
        "Choisissez les ODD concernés.",
        (BILAN,),
        "id_odds",
        some("odds"),
    ),
    Rule(
        "texte signé",
        "Joignez le texte signé.",
        (PUBLICATION,),
        "id_documents",
        some("documents"),
    ),
    Rule(
        "délibération",
        "Renseignez la délibération du conseil.",
        (PUBLICATION, COFUNDING),
        "legal_steps-group",
        some("legal_steps", kind=LegalStep.Kind.DELIBERATION, result__in=LegalStep.COUNTED),
    ),
    Rule(
        "transmission à la tutelle",
        "Renseignez la transmission au préfet.",
        (PUBLICATION,),
        "legal_steps-group",
        some("legal_steps", kind=LegalStep.Kind.TRANSMISSION, result__in=LegalStep.COUNTED),
    ),
    Rule(
        "approbation de la tutelle",
        "Renseignez l’approbation de la tutelle.",
        (PUBLICATION,),
        "legal_steps-group",
        some("legal_steps", kind=LegalStep.Kind.APPROVAL, result__in=LegalStep.COUNTED),
    ),
    Rule(
        "actions",
        "Saisissez les actions.",
        (BILAN, IATI),
        "actions-group",
        some("actions"),
    ),
    Rule(
        "état des actions",
        "Donnez l’état de chaque action.",
        (BILAN,),
        "actions-group",
        some_and_none("actions", state=""),
    ),
    Rule(
        "résultats des actions achevées",
        "Décrivez les résultats de chaque action achevée.",
        (BILAN,),
        "actions-group",
        some_and_none("actions", state=ActionState.DONE, results=""),
    ),
    Rule(
        "budget",
        "Saisissez au moins une ligne budgétaire.",
        (BILAN, IATI),
        "budget_lines-group",
        some("budget_lines"),
    ),
    Rule(
        "numéraire ou valorisation",
        "Dites de chaque ligne si elle est en numéraire ou valorisée.",
        (BILAN,),
        "budget_lines-group",
        some_and_none("budget_lines", nature=""),
    ),
    Rule(
        "montants dits une fois",
        "Un montant est saisi dans deux monnaies.",
        (PUBLICATION,),
        "budget_lines-group",
        lacking=said_twice,
    ),
    Rule(
        "part étrangère d’au moins 10 %",
        "La partie étrangère apporte un dixième du budget au moins.",
        (COFUNDING,),
        "budget_lines-group",
        lacking=answered(foreign_share),
    ),
    Rule(
        "valorisation d’au plus 50 % par partie",
        "Chaque partie valorise la moitié de son apport au plus.",
        (COFUNDING,),
        "budget_lines-group",
        lacking=answered(in_kind_share),
    ),
]


@dataclass(frozen=True)
class Assessment:
    """How complete a convention is: the rules that it lacks, and the score in whole per cent."""

    convention: Convention
    missing: list[Rule]

    @property
    def score(self) -> int:
        return score_without(len(self.missing))

    @property
    def by_set(self) -> list[tuple]:
        """[("publication", held, of how many), …]."""
        counts = []
        for name in (PUBLICATION, BILAN, COFUNDING, IATI):
            rules = [rule for rule in RULES if name in rule.sets]
            held = len({rule.name for rule in rules} - {rule.name for rule in self.missing})
            counts.append((name, held, len(rules)))
        return counts

    @property
    def form_address(self) -> str:
        return reverse("admin:agreements_convention_change", args=[self.convention.pk])

    @property
    def next_to_do(self) -> Rule | None:
        """The first missing rule, or None."""
        return self.missing[0] if self.missing else None


def score_without(count) -> int:
    """Whole per cent of the rules that are held, where so many are not."""
    return 100 * (len(RULES) - count) // len(RULES)


def missing_rules(conventions) -> dict:
    """{key: [Rule, …]}: what each of the conventions lacks, in one query a rule."""
    missing = {key: [] for key in keys(conventions)}
    for rule in RULES:
        for key, missed in rule.missed_by(conventions, missing.keys()).items():
            missing[key].append(missed)
    return missing


def scores(conventions) -> dict:
    """{key: score} of conventions."""
    return {key: score_without(len(rules)) for key, rules in missing_rules(conventions).items()}


def assess(convention) -> Assessment:
    """The Assessment of one convention."""
    alone = Convention.objects.filter(pk=convention.pk)
    return Assessment(convention, missing_rules(alone)[convention.pk])


def worst_first(conventions) -> list:
    """Assessments of conventions not withdrawn, the least complete first."""
    current = conventions.current()
    missing = missing_rules(current)
    assessed = [
        Assessment(convention, missing[convention.pk]) for convention in current.with_term()
    ]
    return sorted(assessed, key=lambda a: (a.score, a.convention.reference))
