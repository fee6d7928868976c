"""Where a searched word stands, when the list does not show it."""

from collections import defaultdict

from agreements.models import Convention
from cooperation.records.gates import Status
from cooperation.values.text import excerpt, fold


def excerpts(conventions, words, user) -> dict:
    """{key: (where, marked text)} for those that were found by more than what the list shows."""
    found = {}
    keys = [
        convention.pk for convention in conventions if not holds_all(shown_text(convention), words)
    ]
    texts = defaultdict(list)
    visible = Convention.objects.visible_to(user).filter(pk__in=keys)
    for name, where in TEXTS.items():
        public = {"actions__places__status": Status.PUBLISHED} if "places" in name else {}
        found_here = visible.filter(**{f"{name}__isnull": False}, **public).order_by()
        for key, text in found_here.values_list("pk", name):
            if text and any(word in fold(text) for word in words):
                texts[key].append((where, text))
    for key, candidates in texts.items():
        where, text = max(candidates, key=lambda pair: sum(word in fold(pair[1]) for word in words))
        found[key] = (where, excerpt(text, words))
    return found


# Where a word may be that the list does not show.
TEXTS = {
    "parties__partner__aliases": "Autre nom d’une partie",
    "objectives": "Objectifs",
    "note": "Remarques",
    "actions__title": "Action",
    "actions__description": "Action",
    "actions__beneficiaries": "Bénéficiaires",
    "actions__results": "Résultats",
    "actions__places__name": "Lieu d’une action",
}


def shown_text(convention) -> str:
    names = " ".join(str(partner) for partner in convention.distinct_partners)
    return fold(f"{convention.reference} {convention.title} {names}")


def holds_all(text, words) -> bool:
    return all(word in text for word in words)
