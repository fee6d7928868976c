"""Pages of long lists: the same sizes everywhere."""

from dataclasses import dataclass

from django.core import signing
from rest_framework.pagination import BasePagination
from rest_framework.utils.urls import remove_query_param, replace_query_param

from cooperation.lists.pages import PER_PAGE
from cooperation.rest.problems import (
    ContradictionError,
    NamelessError,
    ParameterError,
    RequestError,
)


@dataclass(frozen=True)
class Page:
    """Keys of the records of one page, and where the others are."""

    keys: list[int]
    count: int | None
    next: str | None
    previous: str | None
    is_first: bool


PAGE, SIZE, CURSOR, COUNT = "page", "page_size", "cursor", "count"
BEGINNING = "*"
PARAMETERS = (PAGE, SIZE, CURSOR, COUNT)
# Tells the cursors of the API from all else that is signed.
SALT = "cooperation.api.cursor"


class ApiPagination(BasePagination):
    """By numbers, in any order; or by cursor, in the order of entry, where nothing is told twice."""

    page_size = PER_PAGE
    max_page_size = 500

    def page_of(self, found, request) -> Page:
        asked = request.query_params
        size = self.number(asked, SIZE, self.page_size, self.max_page_size)
        if asked.get(COUNT, "true") not in ("true", "false"):
            raise refused(
                COUNT, "Écrivez « true » ou « false ».", "invalid_choice", "true", "false"
            )
        counted = asked.get(COUNT) != "false"
        address = request.build_absolute_uri()
        if CURSOR in asked:
            return self.from_cursor(found, asked, size, counted, address)
        page = self.number(asked, PAGE, 1, 10**9)
        keys = found.keys((page - 1) * size, page * size + 1)
        if page > 1 and not keys:
            raise no_page()
        before = remove_query_param(address, PAGE)
        if page > 2:
            before = replace_query_param(address, PAGE, page - 1)
        return Page(
            keys[:size],
            found.count if counted else None,
            replace_query_param(address, PAGE, page + 1) if len(keys) > size else None,
            before if page > 1 else None,
            page == 1,
        )

    def from_cursor(self, found, asked, size, counted, address) -> Page:
        if strange := [name for name in (PAGE, "ordering") if name in asked]:
            message = "Un curseur suit l’ordre de saisie : ôtez ce paramètre."
            raise ContradictionError([ParameterError(strange[0], message)])
        last = 0 if asked[CURSOR] == BEGINNING else self.read_cursor(asked[CURSOR])
        keys = found.after(last, size + 1)
        more = len(keys) > size
        after = signing.dumps(keys[size - 1], salt=SALT) if more else None
        return Page(
            keys[:size],
            found.count if counted else None,
            replace_query_param(address, CURSOR, after) if more else None,
            None,
            last == 0,
        )

    def read_cursor(self, text) -> int:
        try:
            return signing.loads(text, salt=SALT)
        except signing.BadSignature:
            message = (
                "Ce curseur n’est pas d’ici : reprenez l’adresse « next » d’une réponse, ou « * »."
            )
            raise refused(CURSOR, message) from None

    def number(self, asked, name, default, most) -> int:
        text = asked.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()):
            raise refused(name, TOLD[name])
        number = int(text) if len(text) < 12 else most + 1
        if number > most and name == PAGE:
            raise no_page()
        if not 1 <= number <= most:
            raise refused(name, TOLD[name], "page_size" if name == SIZE else "min_value")
        return number

    def get_schema_operation_parameters(self, view) -> list[dict]:
        whole = {"type": "integer", "minimum": 1}
        size = whole | {"maximum": self.max_page_size, "default": self.page_size}
        yes_or_no = {"type": "string", "enum": ["true", "false"], "default": "true"}
        beginning = {"type": "string", "enum": [BEGINNING]}
        return [
            {"name": name, "in": "query", "description": meaning, "schema": schema}
            for name, meaning, schema in (
                (PAGE, "Numéro de page, à partir de 1.", whole),
                (SIZE, "Lignes par page.", size),
                (
                    CURSOR,
                    "À la place des numéros : « * », puis l’adresse « next » de chaque réponse ; "
                    "l’ordre est celui de la saisie, et rien n’est donné deux fois.",
                    beginning,
                ),
                (COUNT, "« false » : sans compter les lignes de toute la liste.", yes_or_no),
            )
        ]

    def get_paginated_response_schema(self, schema) -> dict:
        """A page, as OpenAPI 3.1 has it."""
        link = {"type": ["string", "null"], "format": "uri"}
        name = {"type": "object", "additionalProperties": {"type": "string"}}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "mark", "results"],
            "properties": {
                "count": {
                    "type": ["integer", "null"],
                    "description": "Nombre de lignes de toute la liste ; null si count=false.",
                },
                "next": link | {"description": "Adresse de la page suivante, ou null."},
                "previous": link
                | {"description": "Adresse de la page d’avant, ou null ; null avec « cursor »."},
                "mark": {
                    "type": "string",
                    "description": "État du registre que dit cette réponse : à donner la prochaine "
                    "fois à « modified_since ».",
                },
                "removed": {
                    "type": "array",
                    "items": name,
                    "description": "Avec « modified_since », sur la première page : identifiants de ce "
                    "qui a changé et n’est pas, ou plus, dans la liste.",
                },
                "results": schema | {"description": "Les lignes de cette page."},
            },
        }


TOLD = {
    PAGE: "Une page est un nombre, à partir de 1.",
    SIZE: f"Une page compte de 1 à {ApiPagination.max_page_size} lignes.",
}


def no_page() -> NamelessError:
    return NamelessError([ParameterError(PAGE, "La liste ne va pas jusque-là.", "no_page")])


def refused(name, message, code="invalid", *allowed) -> RequestError:
    return RequestError([ParameterError(name, message, code, list(allowed))])
