"""Planned amounts of conventions: their own lines, and those that they share.

Budget lines are of the next room: they are reached by the names of their relations.
"""

from collections.abc import Iterator

from django.db.models import Prefetch, Q, QuerySet

from agreements.models import Convention
from cooperation.models import Partner
from cooperation.records.gates import Status

# What a line that a convention shares needs for others to count it: it is public where it was entered.
PUBLIC = Q(shared_lines__convention__status=Status.PUBLISHED)
RELATIONS = {"budget_lines": Q(), "shared_lines": PUBLIC}


def planned(records, *names, with_shared=True) -> Iterator[tuple]:
    """(key, *names) of each amount that counts, for each record that it serves.

    `names` are fields of a budget line. A line that two conventions share comes twice: each holds it.
    Whoever adds conventions together asks BudgetLine.objects.serving(…). Actions share nothing.
    """
    relations = RELATIONS if with_shared else ["budget_lines"]
    for relation in relations:
        rows = counted(records, relation, *names).order_by(f"{relation}__pk")
        yield from rows.iterator(chunk_size=5000)


def counted(records, relation, *names) -> QuerySet:
    """The rows of `planned` by one relation, in no order."""
    has_amount = Q(**{f"{relation}__counted_amount__isnull": False})
    rows = records.filter(has_amount & RELATIONS[relation])
    return rows.values_list("pk", *(f"{relation}__{name}" for name in names))


def told(lines, user) -> QuerySet:
    """Budget lines with all that their tables show of what a person sees."""
    # Their names alone: `brief` and `reference` are all that a table says of them.
    partners = Partner.objects.visible_to(user).only("name", "short_name")
    conventions = Convention.objects.visible_to(user).only("reference")
    linked = [Prefetch(name, partners) for name in ("funder", "through", "joint_funders")]
    paid = [Prefetch("disbursements__payee", partners), "instalments__payments"]
    # Few lines have these: a query where one has costs less than a join for all.
    rare = ("convention", "action", "included_in", "set_by", "superseded_by")
    return lines.prefetch_related(*linked, *rare, Prefetch("also_for", conventions), *paid)


def givers(records, *, with_shared=True) -> Iterator[tuple]:
    """(key, slug, name or "") of who gives an amount that counts, alone or with others.

    The name of one who is not public is empty.
    """
    facts = [
        f"{who}__{n}" for who in ("funder", "joint_funders") for n in ("slug", "name", "status")
    ]
    for key, *row in planned(records, *facts, with_shared=with_shared):
        for slug, name, status in (row[:3], row[3:]):
            if slug:
                yield key, slug, name if status == Status.PUBLISHED else ""
