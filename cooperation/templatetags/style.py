from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cooperation.style import STYLE

register = template.Library()


@register.simple_tag
def site_style() -> SafeString:
    """The whole style sheet, in the page."""
    return format_html("<style>{}</style>", SafeString(STYLE))
