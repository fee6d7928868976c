"""French grammar in templates."""

from django import template

from cooperation.values.money import format_number

register = template.Library()


@register.filter
def french(number) -> str:
    """A number as in French: « 1 250,5 »."""
    return format_number(number)


@register.filter
def plural(number, ending="s") -> str:
    """The ending from two on: « 0 action », « 1 action », « 2 actions »."""
    return ending if number > 1 else ""
