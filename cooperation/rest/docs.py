"""The description of the API as pages for people show it."""

import json
import re

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
        for told in methods.values():
            found.setdefault(told["tags"][0], told["description"])
    lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in BATCH)
    return {
        "about": description["info"]["description"],
        "resources": list(found.items()),
        "batch": f'{{"operations": [\n  {lines}\n]}}',
    }


def readable(description, resource) -> dict | None:
    """One resource as its page shows it: operations, what they give, codes; None where it is none."""
    operations = [
        (path, method, told)
        for path, methods in description["paths"].items()
        for method, told in methods.items()
        if told["tags"] == [resource]
    ]
    if not operations:
        return None
    known = description["components"]["schemas"]
    named = schemas_in([told for _, _, told in operations], known)
    return {
        "resource": resource,
        "operations": [
            {
                "name": f"{method.upper()} {path}",
                "about": told["description"],
                "sent": type_label(sent_by(told)) if "requestBody" in told else "",
                "parameters": [
                    (one["name"], type_label(one["schema"]), one.get("description", ""))
                    for one in told.get("parameters", ())
                ],
            }
            for path, method, told in operations
        ],
        "schemas": [
            (
                name,
                [
                    (field, type_label(told), told.get("description", ""))
                    for field, told in known[name]["properties"].items()
                ],
            )
            for name in named
            if "properties" in known[name]
        ],
        "lists": [
            (name, CODE.findall(known[name].get("description", "")))
            for name in named
            if known[name].get("enum", [""]) != [""] and len(known[name]["enum"]) <= MOST_CODES
        ],
    }


def schemas_in(told, known):
    """Names of the schemas that an operation tells, and of those that these are made of."""
    found = {}

    def look(part):
        if isinstance(part, dict):
            # What a link may be expanded to has a page of its own.
            parts = part["oneOf"][:1] if is_link(part) else part.values()
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in found:
                found[name] = True
                look(known[name])
            for one in parts:
                look(one)
        elif isinstance(part, list):
            for one in part:
                look(one)

    look(told)
    return list(found)


def is_link(part):
    choices = part.get("oneOf", ())
    return len(choices) == 2 and choices[0].get("type") == "string" and "$ref" in choices[1]


def sent_by(operation):
    """The schema of what an operation is sent."""
    return operation["requestBody"]["content"]["application/json"]["schema"]


def type_label(told):
    """« texte », « liste de BudgetLine », « nombre entier ou null »"""
    return " ou ".join(dict.fromkeys(types_of(told)))


def types_of(told):
    if "$ref" in told:
        yield told["$ref"].rpartition("/")[2]
    elif choices := told.get("oneOf") or told.get("anyOf") or told.get("allOf"):
        for choice in choices:
            yield from types_of(choice)
    elif "enum" in told:
        values = [f"«\u00a0{value}\u00a0»" for value in told["enum"] if value]
        yield ", ".join([*values[:MOST_SHOWN], *(["…"] if len(values) > MOST_SHOWN else [])])
    elif told.get("type") == "array":
        yield f"liste de {type_label(told['items'])}"
    else:
        kinds = told.get("type", "object")
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            yield TYPES[kind] if kind == "null" else FORMATS.get(told.get("format"), TYPES[kind])
