"""Pages of long lists: the same sizes everywhere."""

from django.core.paginator import Page, Paginator

PER_PAGE = 25


PER_PRINTED_PAGE = 1000
# The parameters of a page that is one of several.
PAGING = ("page", "vue")


def paginate(request, queryset) -> Page:
    """The page asked for in the address; the nearest one where it does not exist."""
    printed = request.GET.get("vue") == "impression"
    size = PER_PRINTED_PAGE if printed else PER_PAGE
    return Paginator(queryset, size).get_page(request.GET.get("page"))
