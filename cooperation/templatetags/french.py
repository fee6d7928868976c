"""French grammar in templates."""

from django import template

register = template.Library()


@register.filter
def plural(number, ending="s"):
    """The ending from two on: « 0 action », « 1 action », « 2 actions »."""
    return ending if number > 1 else ""
