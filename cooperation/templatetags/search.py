"""What a search found, shown in its place."""

from django import template
from django.utils.safestring import SafeString

from cooperation.values import text

register = template.Library()


@register.filter
def marked(value, words) -> SafeString:
    """The text with the words searched for in <mark>."""
    return text.marked(str(value), words)


@register.filter
def of(found, key) -> list[tuple]:
    """What was found for a record: a list of one, or empty."""
    return [found[key]] if key in found else []
