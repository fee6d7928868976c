"""Pages of long lists: the same sizes everywhere."""

from django.core.paginator import Paginator
from rest_framework.pagination import PageNumberPagination

PER_PAGE = 25
PER_PRINTED_PAGE = 1000


def paginate(request, queryset):
    """The page asked for in the address; the nearest one where it does not exist."""
    printed = request.GET.get("vue") == "impression"
    size = PER_PRINTED_PAGE if printed else PER_PAGE
    return Paginator(queryset, size).get_page(request.GET.get("page"))


class ApiPagination(PageNumberPagination):
    page_size = PER_PAGE
    page_size_query_param = "page_size"
    max_page_size = 500
