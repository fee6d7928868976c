"""How the API describes itself: OpenAPI 3.1, made from the same serializers, facets and forms."""

from collections.abc import Iterator
from functools import lru_cache

from django import forms
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from cooperation.lists.listing import MOST_CHOSEN
from cooperation.models import Revision
from cooperation.rest.problems import CONTENT_TYPE, IN_ENGLISH, SAID
from cooperation.values.dates import FIRST_YEAR, LAST_YEAR

PARTIAL_DATE = {
    "type": "string",
    "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$",
    "examples": ["2019", "2019-11", "2019-11-14"],
}
WORDS = {"type": "string", "minLength": 1}
# No control or private character, as text.is_forbidden says.
PRINTABLE = (
    "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\ue000-\\uf8ff"
    "\\ufdd0-\\ufdef\\ufffe\\uffff\U000f0000-\U0010ffff]+$"
)
# Values of a filter that its description lists at most.
MOST_LISTED = 300
# Parameters that choose the fields of each record, and the links to expand to whole records.
FIELDS, EXPAND = "fields", "expand"
SINCE = "modified_since"
# A state of the registry: number of its last change, that change's token, day as a number.
MARK = r"(\d{1,18})-([0-9a-f]{0,16})-(7[0-9]{5})"
MOMENT = {
    "anyOf": [
        {"type": "string", "pattern": f"^{MARK}$"},
        {"type": "string", "format": "date", "pattern": r"^(19|20)\d\d-"},
        {"type": "string", "format": "date-time", "pattern": r"^(19|20)\d\d-"},
    ]
}
PROBLEM = {
    "type": "object",
    "description": "Ce qui ne va pas dans une demande (RFC 9457).",
    "required": ["type", "title", "status", "detail", "detail_en"],
    "properties": {
        "type": WORDS | {"description": "Toujours « about:blank » : le statut dit tout."},
        "title": WORDS | {"description": "Le nom du statut HTTP, en anglais."},
        "status": {"type": "integer", "description": "Le statut HTTP."},
        "detail": WORDS | {"description": "Ce qui ne va pas, en français."},
        "detail_en": WORDS | {"description": "La même chose en anglais."},
        "errors": {
            "type": "array",
            "description": "Une erreur par paramètre.",
            "items": {
                "type": "object",
                "required": ["code", "detail", "detail_en"],
                "properties": {
                    "parameter": {"type": "string", "description": "Le paramètre en cause."},
                    "field": {"type": "string", "description": "Le champ écrit ; vide pour tout."},
                    "operation": {
                        "type": "integer",
                        "description": "Dans un lot, laquelle, depuis 0.",
                    },
                    "code": WORDS | {"description": f"invalid, ou {', '.join(IN_ENGLISH)}."},
                    "detail": WORDS | {"description": "Pourquoi, en français."},
                    "detail_en": WORDS | {"description": "Pourquoi, en anglais."},
                    "allowed": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Ce qui est permis, cent valeurs au plus.",
                    },
                },
            },
        },
    },
}


class Description(AutoSchema):
    """One operation of the API: what it gives, and the problems it may answer with."""

    def get_description(self) -> str:
        if self.method == "GET":
            return self.view.about
        name = self.view.queryset.model._meta.verbose_name
        if getattr(self.view, "action", "") == "steps":
            return f"Fait avancer vers la publication : {name}."
        said = {
            "POST": f"Ajoute une fiche ({name}), en brouillon tant que sa convention n’est pas publiée.",
            "PATCH": f"Change les champs donnés d’une fiche ({name}), et eux seuls.",
            "DELETE": f"Supprime une fiche ({name}) tant qu’elle n’est pas publiée, ni sa convention ; "
            "elle reste dans l’historique.",
        }[self.method]
        return f"{said} Mêmes règles et mêmes droits que dans les formulaires de saisie."

    def get_tags(self) -> list[str]:
        """The name of the resource in its address."""
        return [self.path.split("/")[3]]

    def get_filter_backends(self) -> list:
        return []

    def get_auth(self) -> list[dict]:
        """A token is needed to write, and shows more to who reads."""
        return [{"token": []}] if self.method != "GET" else [{"token": []}, {}]

    def get_request_serializer(self) -> object:
        if self.method in ("GET", "DELETE") or not hasattr(self.view, "entry_serializer"):
            return None
        return self.view.entry_serializer(is_new=self.method == "POST")

    def get_override_parameters(self) -> list:
        """Any answer may be narrowed to some fields, and widened by linked records."""
        if self.method != "GET":
            return self.writing_parameters()
        names = list(self.view.serializer_class().fields)
        parameters = [
            listed(FIELDS, names, "Champs à donner, séparés par des virgules ; tous sinon.")
        ]
        if links := self.view.expandable():
            meaning = "Liens à donner en entier plutôt que par leur identifiant."
            parameters.append(listed(EXPAND, links, meaning))
        if not self.view.detail:
            meaning = (
                "Seulement ce qui a changé depuis la marque (« mark ») d’une réponse d’avant, un jour "
                "ou un instant ; « removed » dit alors ce qui n’y est plus."
            )
            parameters.append(OpenApiParameter(SINCE, MOMENT, description=meaning))
            parameters += [
                OpenApiParameter(
                    one["name"],
                    one["schema"],
                    description=one["description"],
                    explode=one.get("explode"),
                )
                for one in self.view.found_by_a_visitor().described()
            ]
        return parameters

    def writing_parameters(self) -> list:
        if not getattr(self.view, "detail", False):
            return [idempotency_parameter()]
        version = OpenApiParameter(
            "If-Match",
            {"type": "string", "pattern": r'^"?\d{1,9}"?$'},
            OpenApiParameter.HEADER,
            required=True,
            description="La version qui a été lue : le champ « version » reçu.",
        )
        return [version, idempotency_parameter()]

    def _get_paginator(self):
        return None if self.view.detail else super()._get_paginator()

    def get_operation(self, *args, **kwargs) -> dict:
        operation = super().get_operation(*args, **kwargs)
        reads = self.method == "GET"
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                name = parameter["name"]
                parameter["description"] = f"L’identifiant de la fiche : son champ « {name} »."
        for status, answer in operation["responses"].items():
            if status[0] == "2":
                answer["headers"] = HEADERS | (CREATED if status == "201" else {})
        for status in (400, 401, 404, 406, 409, 410, 429) if reads else WRITING_PROBLEMS:
            operation["responses"][str(status)] = {
                "description": SAID[status][0],
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        if reads:
            operation["responses"]["304"] = {
                "description": "Rien n’a changé depuis l’étiquette donnée par If-None-Match."
            }
        return operation


def header(kind, meaning) -> dict:
    return {"description": meaning, "schema": {"type": kind}}


# What answers say beside their body.
HEADERS = {
    "ETag": header("string", "Étiquette de cette réponse : à rendre dans « If-None-Match »."),
    "RateLimit-Limit": header("integer", "Réponses par période."),
    "RateLimit-Remaining": header("integer", "Réponses qui restent."),
    "RateLimit-Reset": header("integer", "Secondes jusqu’à la période suivante."),
}
CREATED = {"Location": header("string", "Adresse de la fiche créée.")}
# A convention with a party and an amount, in one request.
BATCH = [
    {
        "method": "POST",
        "resource": "conventions",
        "id": "#c",
        "body": {"title": "Orléans – Parakou", "starts_on": "2019"},
    },
    {
        "method": "POST",
        "resource": "parties",
        "body": {"convention": "#c", "partner": "orleans", "role": "signataire"},
    },
    {
        "method": "POST",
        "resource": "budget-lines",
        "body": {"convention": "#c", "amount": "1123884.00", "currency": "EUR"},
    },
]
IDEMPOTENCY = "Idempotency-Key"
KEY = "[!-~]{1,100}"
WRITING_PROBLEMS = (400, 401, 403, 404, 406, 409, 410, 412, 413, 415, 422, 428, 429)


def idempotency_parameter() -> OpenApiParameter:
    return OpenApiParameter(
        IDEMPOTENCY,
        {"type": "string", "pattern": f"^{KEY}$"},
        OpenApiParameter.HEADER,
        description="Un mot de votre choix : la même demande, avec le même mot, n’est faite qu’une fois "
        "et reçoit la même réponse, pendant sept jours.",
    )


TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "Un jeton de votre compte, créé dans « Mes jetons ».",
}


def described(result, generator, request, public) -> dict:
    """Every field says what it means: where no help does, its name does."""
    schemas = result["components"]["schemas"]
    for path, methods in result["paths"].items():
        if path.endswith("}/"):
            # An answer may be narrowed to some fields: none is always there.
            content = methods["get"]["responses"]["200"]["content"]["application/json"]
            schemas[content["schema"]["$ref"].rpartition("/")[2]].pop("required", None)
    for schema in schemas.values():
        if "properties" in schema:
            # A docstring, for those who write the registry.
            schema.pop("description", None)
        for field in schema.get("properties", {}).values():
            if "title" in field:
                field.setdefault("description", f"{field['title']}.")
            # The meaning of codes stands once, where they are listed.
            words, mark, _ = field.get("description", "").partition("* `")
            if mark:
                field["description"] = words.strip() or f"{field['title']}."
    for name, schema in schemas.items():
        if name.endswith("Entry"):
            tighten(schema, schemas[name.removeprefix("Patched")].get("required", ()))
    schemas["Problem"] = PROBLEM
    result["components"]["securitySchemes"] = {"token": TOKEN}
    return result


def tighten(schema, required) -> None:
    """Say of what is sent all that a description can: what must not be empty, which characters."""
    for name, field in schema["properties"].items():
        # What is left out of a change stays as it is.
        field.pop("default", None)
        kinds = field.get("type", "")
        if "string" not in kinds:
            continue
        if field.get("format") == "decimal":
            number = field["pattern"].replace("{0,", "{1,")[1:-1]
            field["pattern"] = f"^{number}$" if name in required else f"^({number})?$"
        elif "pattern" not in field and "format" not in field:
            field["pattern"] = PRINTABLE if name in required else f"^$|{PRINTABLE}"
        if name in required:
            field["minLength"] = 1


def listed(name, values, meaning) -> OpenApiParameter:
    schema = {"type": "array", "items": WORDS | {"enum": values}, "minItems": 1}
    return OpenApiParameter(name, schema, description=meaning, explode=False)


def facet_parameters(listing) -> Iterator:
    """The filters that are chosen, as OpenAPI has them; their values are those of today."""
    for facet in listing.facets:
        label = f"{facet.label}. {facet.help}".strip() + " Plusieurs valeurs : l’une d’elles."
        known = listing.open_values(facet)
        schema = {"type": "array", "items": WORDS, "maxItems": MOST_CHOSEN if known else 0}
        if 0 < len(known) <= MOST_LISTED:
            schema["items"] = WORDS | {"enum": known}
        yield {"name": facet.name, "description": label, "schema": schema, "explode": True}


# Of filters whose label on the page leans on its neighbours.
FILTERS = {
    "q": "Mots cherchés, dans n’importe quel ordre, sans égard aux accents ni aux majuscules.",
    "on": "Le jour auquel « state » se lit, aujourd’hui sinon (ISO 8601 : 2026-11-25).",
    "amount_min": "Montant prévu au moins, dans « amount_currency ».",
    "amount_max": "Montant prévu au plus, dans « amount_currency ».",
    "amount_currency": "Monnaie de « amount_min » et « amount_max » : EUR sinon ; les montants en "
    "euros et en francs CFA se comparent à la parité.",
    "updated_after": "Modifiées ce jour ou depuis (ISO 8601 : 2026-11-25).",
    "ordering": "Ordre des lignes ; par pertinence s’il y a une recherche, ou par date sinon.",
    "liste": "Lignes des conventions que trouvent ces filtres, écrits comme dans l’adresse de leur "
    "liste (theme=eau-et-assainissement&country=FR), encodés.",
    "convention": "Référence de la convention.",
    "action": "Référence de l’action.",
    "indicator": "« uid » de l’indicateur.",
    "partner": "« Slug » du partenaire.",
    "bilan": "Lignes des conventions que compte le bilan de cette année.",
}


def form_parameters(form) -> Iterator:
    """The filters that are typed."""
    for name, field in form.fields.items():
        meaning = FILTERS.get(name, f"{field.label}.")
        yield {"name": name, "description": meaning, "schema": schema_of(field)}


def schema_of(field) -> dict:
    if isinstance(field, forms.ModelChoiceField):
        return WORDS | {"pattern": "^[-A-Za-z0-9_]+$"}
    if isinstance(field, forms.ChoiceField):
        return {"type": "string", "enum": [value for value, _ in field.choices if value]}
    if isinstance(field, forms.DateField):
        return {"type": "string", "format": "date", "pattern": r"^(19|20)\d\d-"}
    if isinstance(field, forms.DecimalField) and field.decimal_places == 0:
        return {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
    if isinstance(field, forms.DecimalField):
        return {"type": "string", "pattern": r"^\d{1,13}(\.\d{1,2})?$"}
    if isinstance(field, forms.RegexField):
        return {"type": "string", "pattern": field.regex.pattern.replace(r"\Z", "$")}
    longest = {"maxLength": field.max_length} if field.max_length else {}
    return WORDS | longest | {"pattern": PRINTABLE}


def api_description() -> dict:
    """The whole description, as a visitor may read it; made anew where the registry has moved."""
    return description_of(Revision.mark(), timezone.localdate())


@lru_cache(maxsize=1)
def description_of(mark, day) -> dict:
    """Making it takes half a second, and each page of the documentation reads it."""
    return SchemaGenerator().get_schema(request=None, public=True)
