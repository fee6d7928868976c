"""Where an activity of a file says something else than the record that it became, or came from."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from actions.iati.building import RECORDS, filled
from actions.models import Action
from agreements.models import Convention
from cooperation.values.money import format_money


def differences(record: Convention | Action, found) -> list[str]:
    """[« what : the registry's → the file's », …] in French; ValidationError for what no field holds."""
    return [*other_fields(record, found), *other_sums(record, found)]


def other_fields(record, found) -> Iterator[str]:
    kind = "action" if isinstance(record, Action) else "convention"
    model, names = RECORDS[kind]
    told = filled(model(), found.fields, names)
    for name in found.fields.keys() & set(names.split()):
        field = model._meta.get_field(name)
        if field.remote_field or not field.editable:
            continue
        old, new = getattr(record, name), getattr(told, name)
        if old != new:
            yield f"{field.verbose_name} : {shown(field, old)} → {shown(field, new)}"


def shown(field, value) -> str:
    text = str(dict(field.flatchoices).get(value, value) if field.choices else value or "")
    return text[:80] or "non renseigné"


def other_sums(record, found) -> Iterator[str]:
    lines = found.lines.get("budget-line", [])
    held = record.budget_lines.all()
    if isinstance(record, Convention):
        held = held.filter(action=None)
    payments = [paid for line in lines for paid in line.get("lines", {}).get("disbursement", [])]
    paid = [one for line in held for one in line.disbursements.all()]
    for label, told, known in (("montants", lines, held), ("paiements", payments, paid)):
        new = sums((line["currency"], Decimal(line["amount"])) for line in told)
        old = sums((line.currency, line.amount) for line in known)
        if told and old != new:
            yield f"{label} : {listed(old)} → {listed(new)}"


def sums(pairs) -> dict[str, Decimal]:
    totals = defaultdict(Decimal)
    for currency, amount in pairs:
        totals[currency] += amount
    return dict(totals)


def listed(totals) -> str:
    return ", ".join(format_money(totals[c], c) for c in sorted(totals)) or "aucun"
