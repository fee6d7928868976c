"""Facets that several lists share."""

from collections.abc import Callable

from cooperation.lists.index import Facet, choice_labels
from cooperation.models import Partner
from cooperation.records.gates import Status
from cooperation.values.places import BENIN, country_names
from cooperation.values.text import fold

YES, NO = "oui", "non"


def stated(name) -> Callable:
    """(key, value) of a field that every record has, empty where it is not known."""

    def values(records):
        return records.values_list("pk", name)

    return values


def column(*names) -> Callable:
    """(key, value) of one field or relation, or of several; records without one have none."""

    def values(records):
        for name in names:
            found = records.filter(**{f"{name}__isnull": False}).values_list("pk", name)
            for key, value in found.iterator(chunk_size=5000):
                if value != "":
                    yield key, str(value)

    return values


def partner_labels(values) -> dict:
    """Of published partners alone: a name that is not public is never told, nor that it exists."""
    found = Partner.objects.published()
    if len(values) < 500:
        found = found.filter(slug__in=values)
    rows = found.order_by("name").values_list("slug", "name", "short_name")
    return {slug: short or name for slug, name, short in rows if slug in values}


def country_labels(values) -> dict:
    """Benin first, then by name."""
    names = country_names()
    known = sorted((v for v in values if v in names), key=lambda code: fold(names[code]))
    return {code: names[code] for code in sorted(known, key=lambda code: code != BENIN)}


def status_facet(name="status") -> Facet:
    """Where a record, or the convention that it belongs to, stands; for people with an account."""
    return Facet(
        "status", "Publication", stated(name), choice_labels(Status), in_order=True, is_private=True
    )


def results_facet(values) -> Facet:
    labels = choice_labels([(YES, "renseignés"), (NO, "non renseignés")])
    return Facet("results", "Résultats", values, labels, in_order=True)
