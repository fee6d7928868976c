from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from cooperation.style import CORE, PARTS, STYLES

register = template.Library()


@register.simple_tag
def site_style(*parts) -> SafeString:
    """The style sheets that a page needs, in it: all of them where it does not say which."""
    names = [CORE, *(name for name in parts or PARTS if name != CORE)]
    styles = ((SafeString(STYLES[name]),) for name in names)
    return format_html_join("", "<style>{}</style>", styles)
