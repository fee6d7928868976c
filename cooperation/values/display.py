"""Values of model fields as people read them, in French: on pages, in the history, in previews."""

from decimal import Decimal

from cooperation.values.fields import CurrencyField
from cooperation.values.money import format_number


def shown(field, value, names=None) -> str:
    """« convention-cadre », « 14 novembre 2019 », « 1 250,5 », « oui »; "" where nothing is known.

    `names`: {key: name} of what a link may lead to.
    """
    if value in (None, ""):
        return ""
    if field.remote_field:
        return str(names[value])
    if field.choices and not isinstance(field, CurrencyField):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return format_number(value)
    return str(getattr(value, "label", value))
