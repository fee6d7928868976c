"""The description of the API as pages for people show it."""

import json
import re
from collections.abc import Iterator

from cooperation.rest.schema import BATCH

# And that its page shows.
MOST_SHOWN = 12


# Codes of a list that its page names; countries and currencies are those of ISO.
MOST_CODES = 60


# A code and its label, in the description of a list of codes.
CODE = re.compile(r"^\* `(.*)` - (.*)$", re.MULTILINE)


TYPES = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "boolean": "oui ou non",
    "object": "objet",
    "null": "null",
}


FORMATS = {
    "date": "jour",
    "date-time": "date et heure",
    "decimal": "nombre décimal",
    "uri": "adresse",
}


def overview(description) -> dict:
    """What the API is: its resources as (name, what it is), and a batch as text, one line each."""
    found = {}
    for methods in description["paths"].values():
        for operation in methods.values():
            found.setdefault(operation["tags"][0], operation["description"])
    lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in BATCH)
    return {
        "about": description["info"]["description"],
        "resources": list(found.items()),
        "batch": f'{{"operations": [\n  {lines}\n]}}',
    }


def readable(description, resource) -> dict | None:
    """One resource as its page shows it: operations, what they give, codes; None where it is none."""
    operations = [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if operation["tags"] == [resource]
    ]
    if not operations:
        return None
    known = description["components"]["schemas"]
    elsewhere = {name: tag for name, tag in homes(description).items() if tag != resource}
    named = schemas_in([operation for _, _, operation in operations], known, elsewhere)
    return {
        "resource": resource,
        "operations": [
            {
                "name": f"{method.upper()} {path}",
                "about": operation["description"],
                "sent": type_label(sent_by(operation)) if "requestBody" in operation else "",
                "parameters": [
                    (one["name"], type_label(one["schema"]), one.get("description", ""))
                    for one in operation.get("parameters", ())
                ],
            }
            for path, method, operation in operations
        ],
        "schemas": [
            (
                name,
                [
                    (field, type_label(schema), schema.get("description", ""))
                    for field, schema in known[name]["properties"].items()
                    # Said once for all, above the tables.
                    if not field.endswith("_label")
                ],
            )
            for name in named
            if "properties" in known[name] and name not in elsewhere
        ],
        "elsewhere": [(name, elsewhere[name]) for name in named if name in elsewhere],
        "lists": [
            (name, CODE.findall(known[name].get("description", "")))
            for name in named
            if known[name].get("enum", [""]) != [""] and len(known[name]["enum"]) <= MOST_CODES
        ],
    }


def homes(description) -> dict[str, str]:
    """{schema: resource whose page describes it}: what the operations of that resource answer one by one."""
    found = {}
    for methods in description["paths"].values():
        for operation in methods.values():
            answered = operation["responses"].get("200", {}).get("content", {})
            schema = answered.get("application/json", {}).get("schema", {})
            if name := schema.get("$ref", "").rpartition("/")[2]:
                found.setdefault(name, operation["tags"][0])
    return found


def schemas_in(schema, known, elsewhere) -> list[str]:
    """Names of the schemas that an operation tells, and of those that these are made of.

    What is described `elsewhere` is named, and not what it is made of.
    """
    found = {}

    def look(part):
        if isinstance(part, dict):
            # What a link may be expanded to has a page of its own.
            parts = part["oneOf"][:1] if is_link(part) else part.values()
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in found:
                found[name] = True
                if name not in elsewhere:
                    look(known[name])
            for one in parts:
                look(one)
        elif isinstance(part, list):
            for one in part:
                look(one)

    look(schema)
    return list(found)


def is_link(part) -> bool:
    choices = part.get("oneOf", ())
    return len(choices) == 2 and choices[0].get("type") == "string" and "$ref" in choices[1]


def sent_by(operation) -> dict:
    """The schema of what an operation is sent."""
    return operation["requestBody"]["content"]["application/json"]["schema"]


def type_label(schema) -> str:
    """« texte », « liste de BudgetLine », « nombre entier ou null »"""
    return " ou ".join(dict.fromkeys(types_of(schema)))


def types_of(schema) -> Iterator:
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    elif choices := schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf"):
        for choice in choices:
            yield from types_of(choice)
    elif "enum" in schema:
        values = [f"«\u00a0{value}\u00a0»" for value in schema["enum"] if value]
        yield ", ".join([*values[:MOST_SHOWN], *(["…"] if len(values) > MOST_SHOWN else [])])
    elif schema.get("type") == "array":
        yield f"liste de {type_label(schema['items'])}"
    else:
        kinds = schema.get("type", "object")
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            yield TYPES[kind] if kind == "null" else FORMATS.get(schema.get("format"), TYPES[kind])
