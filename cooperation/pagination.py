"""Pages of long lists: the same sizes everywhere."""

from django.core.paginator import Paginator
from rest_framework.pagination import PageNumberPagination

from cooperation.problems import ParameterError, RequestError

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

    def get_page_size(self, request):
        """RequestError for a size that no page has."""
        asked = request.query_params.get(self.page_size_query_param, "")
        if not asked:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and len(asked) < 9):
            raise self.refused("invalid")
        if not 1 <= int(asked) <= self.max_page_size:
            raise self.refused("min_value" if int(asked) < 1 else "max_value")
        return int(asked)

    def get_schema_operation_parameters(self, view):
        whole = {"type": "integer", "minimum": 1}
        size = whole | {"maximum": self.max_page_size, "default": self.page_size}
        return [
            {"name": name, "in": "query", "description": meaning, "schema": schema}
            for name, meaning, schema in (
                (self.page_query_param, "Numéro de page, à partir de 1.", whole),
                (self.page_size_query_param, "Lignes par page.", size),
            )
        ]

    def get_paginated_response_schema(self, schema):
        """A page, as OpenAPI 3.1 has it."""
        page = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Nombre de lignes de toute la liste."},
                "next": page | {"description": "Adresse de la page suivante, ou null."},
                "previous": page | {"description": "Adresse de la page précédente, ou null."},
                "results": schema | {"description": "Les lignes de cette page."},
            },
        }

    def refused(self, code):
        message = f"Une page compte de 1 à {self.max_page_size} lignes."
        return RequestError([ParameterError(self.page_size_query_param, message, code)])
