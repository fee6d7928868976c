"""What forms carry beside their fields."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cooperation.entry.once import FIELD, new_key

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """The key by which a form that leads on is taken once, however often it is sent."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())
