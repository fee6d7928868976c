"""What some conventions plan and pay, year by year and giver by giver, in euros."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from django.db.models import Exists, OuterRef
from django.db.models.functions import Left

from actions.models import BudgetLine, Disbursement
from actions.models.funding import single_years, sum_in_cents
from cooperation.models import ExchangeRate
from cooperation.values.money import Combined, combine, totals

# Instead of a year or of a giver that nobody says; and of one where several gave together.
UNKNOWN, TOGETHER = "", "ensemble"


@dataclass(frozen=True)
class Spending:
    """Euros to the cent, by year and by slug of who gives; each line and each payment once.

    Each sum is rounded once. `whole` and `whole_paid` are those of everything: what no rate converts
    is in no sum, but in their `apart`.
    """

    planned: dict[int | str, Decimal]
    paid: dict[int | str, Decimal]
    given: dict[str, Decimal]
    whole: Combined
    whole_paid: Combined


def spending(keys) -> Spending:
    """Of the conventions so numbered; what is paid is what funders paid, on lines that count or not."""
    lines = BudgetLine.objects.serving(keys).order_by()
    joint = BudgetLine.joint_funders.through.objects.filter(budgetline=OuterRef("pk"))
    groups = lines.counted().annotate(joint=Exists(joint))
    names = ("span", "year", "last_year", "funder__slug", "joint", "currency")
    planned, given = defaultdict(list), defaultdict(list)
    for *span, funder, is_joint, currency, cents in groups.values_list(*names).annotate(
        cents=sum_in_cents()
    ):
        amount, years = Decimal(cents) / 100, single_years(*span)
        for year in years or [UNKNOWN]:
            planned[year].append((currency, "", amount))
        giver = TOGETHER if is_joint else funder or UNKNOWN
        given[giver].append((currency, "", amount * max(1, len(years))))
    paid = defaultdict(list)
    payments = Disbursement.objects.filter(budget_line__in=lines).paid().order_by()
    rows = payments.annotate(year=Left("paid_on", 4)).values_list("year", "currency")
    for year, currency, cents in rows.annotate(cents=sum_in_cents()):
        paid[int(year) if year else UNKNOWN].append((currency, "", Decimal(cents) / 100))
    rates = ExchangeRate.objects.known_on()
    return Spending(
        *(in_euros(held, rates) for held in (planned, paid, given)),
        # A yearly amount stands once in `planned` for each of its years.
        *(combine(totals(chain.from_iterable(held.values())), rates) for held in (planned, paid)),
    )


def in_euros(held, rates) -> dict:
    """{key: euros} of {key: rows of money.totals}, without what no rate converts."""
    sums = {key: combine(totals(rows), rates).euros for key, rows in held.items()}
    return {key: euros for key, euros in sums.items() if euros}
