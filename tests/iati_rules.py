"""What the IATI validator checks: the schema, the codelists and the ruleset of version 2.03.

They are read from the reference data of the standard, which is not part of the project: a folder
beside it, or IATI_REFERENCE. What needs them is skipped, saying so, where they are not there.
"""

import json
import os
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

FOLDER = Path(
    os.environ.get("IATI_REFERENCE") or Path(__file__).parents[2] / "shared" / "iati"
).resolve()
needs_reference = pytest.mark.skipif(
    not (FOLDER / "standard.json").exists(),
    reason="the reference data of IATI 2.03 is not beside the project (IATI_REFERENCE)",
)
# The registers whose identifiers the registry may write; org-id.guide lists them all.
AGENCIES = ("BJ-IFU-", "BJ-COA-", "FR-RCS-", "FR-COA-", "FR-INSEE-")
# Attribute of an element -> the codelist that it is from, where the vocabulary is IATI's own.
CODED = {
    "reporting-org/@type": "OrganisationType",
    "participating-org/@type": "OrganisationType",
    "participating-org/@role": "OrganisationRole",
    "provider-org/@type": "OrganisationType",
    "receiver-org/@type": "OrganisationType",
    "activity-status/@code": "ActivityStatus",
    "activity-date/@type": "ActivityDateType",
    "activity-scope/@code": "ActivityScope",
    "recipient-region/@code": "Region",
    "sector[not(@vocabulary) or @vocabulary='1']/@code": "Sector",
    "sector/@vocabulary": "SectorVocabulary",
    "tag/@vocabulary": "TagVocabulary",
    "tag[@vocabulary='2']/@code": "UNSDG-Goals",
    "tag[@vocabulary='3']/@code": "UNSDG-Targets",
    "policy-marker/@code": "PolicyMarker",
    "collaboration-type/@code": "CollaborationType",
    "default-flow-type/@code": "FlowType",
    "default-finance-type/@code": "FinanceType",
    "default-tied-status/@code": "TiedStatus",
    "budget/@type": "BudgetType",
    "budget/@status": "BudgetStatus",
    "transaction-type/@code": "TransactionType",
    "document-link/category/@code": "DocumentCategory",
    "related-activity/@type": "RelatedActivityType",
    "location-id/@vocabulary": "GeographicVocabulary",
    "indicator/reference/@vocabulary": "IndicatorVocabulary",
}


@cache
def ruleset():
    return json.loads((FOLDER / "standard.json").read_text())


@cache
def codelist(name):
    items = etree.parse(FOLDER / "codelists" / f"{name}.xml").iter("codelist-item")
    return {item.findtext("code") for item in items if item.get("status", "active") == "active"}


@cache
def schema(name):
    return etree.XMLSchema(etree.parse(FOLDER / "schemas" / f"{name}-schema.xsd"))


def faults(content: bytes) -> list[str]:
    """Everything that the validator would report of a file, each with what says so."""
    try:
        tree = etree.fromstring(content)
    except etree.XMLSyntaxError as error:
        return [f"xml: {error}"]
    checked = schema(tree.tag)
    found = [] if checked.validate(tree) else [f"schema: {e.message}" for e in checked.error_log]
    found += [
        f"codelist {name}: {value}"
        for path, name in CODED.items()
        for value in tree.xpath(f"//{path}")
        if value not in codelist(name)
    ]
    for context, kinds in ruleset().items():
        for node in tree.xpath(context):
            for kind, rule in kinds.items():
                for case in rule["cases"]:
                    found += check(kind, case, node)
    references = [str(ref) for ref in tree.xpath("//iati-identifier/text()")]
    found += [f"twice: {ref}" for ref in set(references) if references.count(ref) > 1]
    return found


def check(kind, case, node):
    if kind == "loop":
        for value in dict.fromkeys(node.xpath(case["foreach"])):
            said = json.loads(json.dumps(case["do"]).replace("$1", value))
            for inner, rule in said.items():
                for one in rule["cases"]:
                    yield from check(inner, one, node)
        return
    if "condition" in case and not node.xpath(case["condition"]):
        return
    if not RULES[kind](case, node):
        about = case.get("ruleInfo", {})
        yield f"{about.get('id')} {about.get('severity')}: {about.get('message')}"


def values(case, node):
    return [text_of(found) for path in case["paths"] for found in node.xpath(path)]


def text_of(found):
    return found if isinstance(found, str) else "".join(found.itertext())


def dated(path, node):
    if path == "NOW":
        return [date.today()]
    return [date.fromisoformat(str(found)[:10]) for found in node.xpath(path)]


def sums_to(case, node):
    found = values(case, node)
    return not found or sum(map(Decimal, found)) == Decimal(case["sum"])


def within_a_year(case, node):
    (start,), (end,) = dated(case["start"], node), dated(case["end"], node)
    return (end - start).days <= 366


def between(case, node):
    (start,), (end,) = dated(case["start"], node), dated(case["end"], node)
    return all(start <= day <= end for day in dated(case["date"], node))


def in_order(case, node):
    less, more = dated(case["less"], node), dated(case["more"], node)
    return all(a <= b for a in less for b in more)


def begins(case, node):
    prefixes = [
        str(value)
        for path in case["prefix"]
        if path != "ORG-ID-PREFIX"
        for value in node.xpath(path)
    ]
    if "ORG-ID-PREFIX" in case["prefix"]:
        prefixes += AGENCIES
    separator = case.get("separator", "")
    return all(v.startswith(tuple(p + separator for p in prefixes)) for v in values(case, node))


def one_or_all(case, node):
    if case["one"] == "sector":
        return not node.xpath("transaction/sector") or not node.xpath("transaction[not(sector)]")
    if node.xpath(case["one"]):
        return True
    if case["all"] == "lang":
        return not node.xpath(".//narrative[not(@xml:lang)]")
    return not node.xpath(".//value[not(@currency)]")


def is_in_range(case, node):
    return all(case["min"] <= Decimal(value) <= case["max"] for value in values(case, node))


RULES = {
    "unique": lambda case, node: len(set(values(case, node))) == len(values(case, node)),
    "startswith": begins,
    "atleast_one": lambda case, node: bool(values(case, node)),
    "one_or_all": one_or_all,
    "date_now": lambda case, node: all(d <= date.today() for d in dated(case["date"], node)),
    "date_order": in_order,
    "regex_matches": lambda case, node: all(
        re.search(case["regex"], value) for value in values(case, node)
    ),
    "no_spaces": lambda case, node: all(value == value.strip() for value in values(case, node)),
    "no_more_than_one": lambda case, node: len(values(case, node)) <= 1,
    "strict_sum": sums_to,
    "range": is_in_range,
    "if_then": lambda case, node: not node.xpath(case["if"]) or bool(node.xpath(case["then"])),
    "time_limit": within_a_year,
    "between_dates": between,
}
