"""What an activity of others plans and pays, each sum once.

A budget and a commitment describe the same money: commitments, which say who gives, go before budgets. A
revised budget takes the place of the original one of its period; an amount below zero takes back what was
committed. Elements whose every word has become a field are not kept aside.
"""

from decimal import Decimal, InvalidOperation

from actions.iati import codes
from actions.iati.found import text_of

REVISED = "2"

PAID = (codes.DISBURSEMENT, codes.EXPENDITURE)


def read_money(found, activity, partner_named, narrative) -> list:
    """Fill the budget lines of `found`; returns the elements of which nothing is left to keep."""
    commitments = [one for one in transactions(activity, codes.COMMITMENT) if money_of(one)]
    whole = []
    if commitments:
        lines = committed(found, commitments, partner_named, narrative)
    else:
        lines, whole = budgeted(activity.findall("budget"))
    for payment in transactions(activity, *PAID):
        attach(lines, found, payment, partner_named)
    if lines:
        found.lines["budget-line"] = lines
    return whole


def transactions(activity, *kinds) -> list:
    found = []
    for one in activity.findall("transaction"):
        kind = one.find("transaction-type")
        if kind is not None and kind.get("code") in kinds:
            found.append(one)
    return found


def money_of(element) -> dict | None:
    """{"amount": …, "currency": …} of a value that says its currency, or None."""
    value = element.find("value")
    amount = text_of(value)
    if not amount:
        return None
    currency = value.get("currency") or element.getparent().get("default-currency") or ""
    return {"amount": amount, "currency": currency} if currency else None


def number(line) -> Decimal | None:
    """The amount; None for what is no number, which the rules of a line then refuse."""
    try:
        found = Decimal(line["amount"])
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def committed(found, commitments, partner_named, narrative) -> list[dict]:
    """A line for each commitment; those of one funder as one, where some of them take money back."""
    groups = {}
    for element in commitments:
        line = money_of(element)
        provider, text = element.find("provider-org"), element.find("description")
        if provider is not None and (key := partner_named(found, provider)):
            line["funder"] = key
        if text is not None:
            line["label"] = narrative(text, 200)
        groups.setdefault((line.get("funder"), line["currency"]), []).append(line)
    lines = []
    for group in groups.values():
        amounts = [number(line) for line in group]
        if None in amounts or min(amounts) > 0:
            lines += group
        elif (left := sum(amounts)) > 0:
            first = next(line for line in group if number(line) > 0)
            lines.append(first | {"amount": f"{left:f}"})
    return lines


def budgeted(elements) -> tuple[list[dict], list]:
    """(lines, the elements that are wholly in them): one for each period, revised where it was."""
    of_period = {}
    for element in elements:
        days = [element.find(name) for name in ("period-start", "period-end")]
        period = tuple("" if day is None else day.get("iso-date", "") for day in days)
        is_revised = element.get("type") == REVISED
        if period not in of_period or is_revised:
            of_period[period] = element
    lines, whole = [], []
    for (start, end), element in of_period.items():
        line = money_of(element)
        if line is None or not (start and end) or is_nothing(line):
            continue
        year = start[:4]
        if (start, end) == (f"{year}-01-01", f"{year}-12-31"):
            lines.append(line | {"year": year})
            if is_plain(element, start):
                whole.append(element)
        else:
            lines.append(line | {"label": f"du {start} au {end}"})
    return lines, whole


def is_nothing(line) -> bool:
    amount = number(line)
    return amount is not None and amount <= 0


def is_plain(element, start) -> bool:
    """Whether a budget says nothing but the amount of a calendar year."""
    valued = element.find("value").get("value-date", start)
    is_original = set(element.attrib) <= {"type"} and element.get("type", "1") == "1"
    return is_original and len(element) == 3 and valued == start


def attach(lines, found, element, partner_named) -> None:
    """A payment goes to the line that it can only be of; otherwise it is kept aside alone."""
    paid, day = money_of(element), element.find("transaction-date")
    amount = number(paid) if paid else None
    if amount is None or amount <= 0:
        return
    provider = element.find("provider-org")
    funder = partner_named(found, provider) if provider is not None else ""
    fitting = [line for line in lines if not funder or line.get("funder", funder) == funder]
    if len(fitting) == 1:
        payment = paid | {"paid_on": "" if day is None else (day.get("iso-date") or "")[:10]}
        fitting[0].setdefault("lines", {}).setdefault("disbursement", []).append(payment)
