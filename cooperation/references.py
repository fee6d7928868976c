"""Numbers and public references: stable, readable, in the order of entry."""

from django.db.models import Max


def next_number(lines):
    """The number after the last of a record's lines."""
    return (lines.aggregate(last=Max("number"))["last"] or 0) + 1


def next_reference(queryset, prefix, width=4):
    """The prefix and the next free number: "CONV-2026-" -> "CONV-2026-0013".

    Two people at once may be given the same one: the unique constraint then refuses the second.
    """
    taken = queryset.filter(reference__startswith=prefix).order_by()
    numbers = [
        int(reference.removeprefix(prefix))
        for reference in taken.values_list("reference", flat=True)
        if reference.removeprefix(prefix).isdecimal()
    ]
    return f"{prefix}{max(numbers, default=0) + 1:0{width}}"
