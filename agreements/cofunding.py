"""The shares that calls for co-funding ask about: held, not held, or not to be told from what is entered.

What is not said of a budget line (its funder, its nature) leaves a range: an answer is one that both
ends of it give. EUR and XOF are compared at the parity, exactly; other currencies only with themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from cooperation.values.money import PARITY, Nature, format_number
from cooperation.values.places import BENIN

LEAST_FOREIGN = 10
MOST_IN_KIND = 50

IN_XOF = {"XOF": Decimal(1), "EUR": PARITY}


@dataclass(frozen=True)
class Line:
    """A budget line; `funder` is None and `nature` "" where the source does not say."""

    amount: Decimal
    currency: str
    funder: int | None
    country: str
    nature: str


@dataclass(frozen=True)
class Answer:
    """`held`: True, False, or None where it cannot be told; `why`: a sentence where it is not held."""

    held: bool | None
    why: str = ""


HELD = Answer(True)


def untold(reason) -> Answer:
    return Answer(None, f"Ne se calcule pas encore : {reason}.")


def foreign_share(lines: list[Line]) -> Answer:
    """Whether partners of other countries bring a tenth of the budget at least."""
    if obstacle := incomparable(lines):
        return untold(obstacle)
    unsaid = [line for line in lines if line.funder is None]
    foreign = value(line for line in lines if line.country not in ("", BENIN))
    least = 100 * foreign / value(lines)
    most = 100 * (foreign + value(unsaid)) / value(lines)
    if least >= LEAST_FOREIGN:
        return HELD
    if most >= LEAST_FOREIGN:
        return untold(f"le financeur de {counted(unsaid)} n’est pas dit")
    return Answer(
        False,
        f"La partie étrangère apporte {percent(most, ROUND_DOWN)} % du budget ; il en faut au moins "
        f"{LEAST_FOREIGN} %.",
    )


def in_kind_share(lines: list[Line]) -> Answer:
    """Whether no partner values in kind more than half of what it brings."""
    if obstacle := incomparable(lines):
        return untold(obstacle)
    unsaid = [line for line in lines if line.funder is None]
    doubts = [line for line in lines if not line.nature]
    possible_cash = value(line for line in unsaid if line.nature != Nature.IN_KIND)
    # In kind from nobody known may be all that somebody brings.
    is_sure = all(line.nature == Nature.CASH for line in unsaid)
    for funder in {line.funder for line in lines} - {None}:
        given = [line for line in lines if line.funder == funder]
        valued = value(line for line in given if line.nature == Nature.IN_KIND)
        doubtful = value(line for line in given if not line.nature)
        least = 100 * valued / (value(given) + possible_cash)
        if least > MOST_IN_KIND:
            return Answer(
                False,
                f"Une partie valorise {percent(least, ROUND_UP)} % de son apport ; {MOST_IN_KIND} % au "
                "plus.",
            )
        is_sure = is_sure and 100 * (valued + doubtful) <= MOST_IN_KIND * value(given)
    if is_sure:
        return HELD
    if doubts:
        return untold(f"la nature de {counted(doubts)} n’est pas dite (numéraire ou valorisation)")
    return untold(f"le financeur de {counted(unsaid)} n’est pas dit")


def incomparable(lines) -> str:
    """Why the amounts have no common measure, or ""."""
    if not lines:
        return "aucun montant n’est saisi"
    currencies = {line.currency for line in lines}
    if len(currencies) > 1 and not currencies <= IN_XOF.keys():
        return f"les montants sont en {', '.join(sorted(currencies))}, sans taux entre eux"
    return ""


def value(lines: Iterable[Line]) -> Decimal:
    """The sum, in XOF or in the one currency of all."""
    return sum((line.amount * IN_XOF.get(line.currency, 1) for line in lines), Decimal(0))


def counted(lines) -> str:
    return "une ligne" if len(lines) == 1 else f"{len(lines)} lignes"


def percent(share, rounding) -> str:
    """To a tenth, rounded away from the bound: a share that breaks a rule never reads as one that holds."""
    return format_number(share.quantize(Decimal("0.1"), rounding))
