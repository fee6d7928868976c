"""Whether a partner is in the registry already, under a name like the one that is typed."""

import re
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from rapidfuzz import fuzz

from cooperation.importing.matching import SHORTEST, core, letters
from cooperation.models import Partner
from cooperation.values.text import fold

# Names at least so alike, out of 100, may be one; and how many are told.
ALIKE = 85
MOST_TOLD = 5
# Partners that share a word with the name, of which it is compared.
MOST_COMPARED = 300


def likely(name, country, partners: QuerySet[Partner]) -> list[tuple[Partner, str]]:
    """[(partner, why)] of those that a name may be one of already, the likeliest first.

    A partner of another country is another one; one whose country is not known may be.
    """
    words = [word for word in core(name).split() if len(word) >= SHORTEST] or [fold(name)]
    sharing = reduce(or_, (Q(search_text__contains=word) for word in words if word), Q(pk=None))
    sharing |= Q(search_text__contains=letters(name)) if letters(name) else Q(pk=None)
    near = partners.filter(sharing)
    if country:
        near = near.filter(country__in=[country, ""])
    found = []
    for partner in near.nearest(words[0])[:MOST_COMPARED]:
        score, why = likeness(name, partner)
        if why:
            found.append((score, partner, why))
    found.sort(key=lambda one: -one[0])
    return [(partner, why) for _, partner, why in found[:MOST_TOLD]]


def numbers(name) -> list[str]:
    return re.findall(r"\d+", name)


def likeness(name, partner) -> tuple[float, str]:
    """(how alike, out of 100, why), or (0, "") for two names that are two."""
    names = [partner.name, partner.short_name, *partner.aliases.splitlines()]
    scores = [(0, "")]
    for known in filter(None, names):
        # Section 1 and Section 2 are two, however alike.
        if numbers(known) != numbers(name):
            continue
        if letters(known) == letters(name):
            scores.append((100, "porte ce nom"))
        alike = fuzz.token_sort_ratio(core(known), core(name))
        if alike >= ALIKE:
            scores.append((alike, f"nom proche à {alike:.0f} %"))
    return max(scores)
