from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from cooperation.style import COMMON, CORE, PARTS, STYLES

register = template.Library()


@register.simple_tag
def site_style(*parts) -> SafeString:
    """The style sheets that a page needs, in it: all of them where it does not say which.

    "core" is that of a page that shows no record, and no other with it.
    """
    names = [CORE] if parts == (CORE,) else [CORE, COMMON, *(parts or PARTS)]
    styles = ((SafeString(STYLES[name]),) for name in names)
    return format_html_join("", "<style>{}</style>", styles)
