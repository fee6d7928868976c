"""Views of the registry inside the pages of others: a list, a map, a timeline, a chart, a convention.

What is shown there is what everybody may see, whoever looks; it leads back to the registry.
"""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import Resolver404, resolve, reverse

from agreements.models import Convention
from reports.charts import CHARTS

# Pixels of a frame, where the page that holds it does not say.
WIDTH, HEIGHT = 640, 480
# Views for others, and the name of the page that each is of.
VIEWS = {
    "liste": "convention_list",
    "carte": "overview_map",
    "chronologie": "overview_timeline",
}


@dataclass(frozen=True)
class Frame:
    """A view for the pages of others; addresses are whole."""

    address: str
    # The page of the registry that it shows a part of.
    page: str
    title: str

    def code(self, width=None, height=HEIGHT) -> str:
        """HTML to paste, `width` and `height` in pixels; without a width, as wide as there is room."""
        wide = width or "100%"
        return (
            f'<iframe src="{escape(self.address)}" title="{escape(self.title)}" width="{wide}" '
            f'height="{height}" loading="lazy"></iframe>'
        )


def frame_of(url) -> Frame | None:
    """The view of one page of the registry, whole address or path; None where it has none."""
    try:
        parts = urlsplit(url)
        if parts.netloc and f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
            return None
        found = resolve(parts.path)
    except (ValueError, Resolver404):
        return None
    name, query = found.url_name, f"?{parts.query}" if parts.query else ""
    page = f"{settings.SITE_URL}{parts.path}{query}"
    if name == "convention_detail":
        shown = Convention.objects.visible_to(AnonymousUser()).filter(**found.kwargs).first()
        path = reverse("embedded_convention", kwargs=found.kwargs)
        return shown and Frame(f"{settings.SITE_URL}{path}", page, shown.title)
    if name == "overview_charts":
        chart = parts.fragment if parts.fragment in CHARTS else next(iter(CHARTS))
        path = reverse("embedded_chart", args=[chart])
        return Frame(f"{settings.SITE_URL}{path}{query}", f"{page}#{chart}", "Chiffres")
    for view, page_name in VIEWS.items():
        if name == page_name:
            path = reverse("embedded", args=[view])
            return Frame(f"{settings.SITE_URL}{path}{query}", page, f"Conventions : {view}")
    return None
