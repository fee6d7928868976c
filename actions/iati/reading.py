"""IATI files of version 2 as records to enter; what the registry has no field for is kept aside.

A file of the registry says more than IATI can (facts.py): it is read from that. Any other is read from
IATI's own elements, and what is read whole is taken out: the rest is kept with the record as it came.
"""

from django.core.exceptions import ValidationError

from actions.iati.found import Found, identifier_of, own, parent_of, parsed, plain
from actions.iati.other_files import from_iati
from actions.iati.own_files import from_registry
from cooperation.processes import read_apart

MAX_BYTES = 20 * 2**20
NOT_IATI = "Ce fichier n’est pas un fichier d’activités IATI (« iati-activities », version 2)."
EMPTY = "Ce fichier ne contient aucune activité."
# Of an identifier, in characters.
LONGEST = 200
MOST_ATTRIBUTES = 100
MOST_ELEMENTS = 20_000


def activities_in(file) -> list[tuple[int, str, str]]:
    """(line, identifier, XML) of each activity, a parent before what it is the parent of.

    ValidationError, in French, where the file is no IATI activities file of version 2.
    """
    if file.size > MAX_BYTES:
        raise ValidationError(f"Le fichier dépasse {MAX_BYTES // 2**20} Mo. Découpez-le.")
    file.seek(0)
    return read_apart(activities_of, file.read())


def activities_of(content: bytes) -> list[tuple[int, str, str]]:
    root = parsed(content)
    if root.tag != "iati-activities" or not root.get("version", "").startswith("2."):
        raise ValidationError(NOT_IATI)
    if root.getroottree().docinfo.doctype:
        raise ValidationError("Ce fichier déclare un type de document : IATI n’en a pas.")
    found = root.findall("iati-activity")
    if not found:
        raise ValidationError(EMPTY)
    for activity in found:
        refuse_endless(activity)
    ranks = ranked(followed(found))
    found.sort(key=lambda activity: ranks[identifier_of(activity)])
    return [(activity.sourceline, identifier_of(activity), plain(activity)) for activity in found]


def refuse_endless(activity) -> None:
    """What is read in steps that take longer the more there is: no activity of anybody comes near."""
    for count, element in enumerate(activity.iter(), 1):
        if count > MOST_ELEMENTS:
            message = (
                f"L’activité de la ligne {activity.sourceline} a plus de {MOST_ELEMENTS} éléments."
            )
            raise ValidationError(f"{message} Découpez-la en plusieurs.")
        if len(element.attrib) > MOST_ATTRIBUTES:
            raise ValidationError(
                f"L’élément « {element.tag} » de la ligne {element.sourceline} a plus de "
                f"{MOST_ATTRIBUTES} attributs : ce n’est pas un fichier IATI."
            )


def followed(activities) -> dict:
    """{identifier: that of what must be there before: what it is part of, follows or is under}"""
    conventions = {identifier_of(one): own(one, "convention") for one in activities}
    named = {said.get("reference"): i for i, said in conventions.items() if said is not None}
    before = {identifier_of(one): parent_of(one) for one in activities}
    for identifier, said in conventions.items():
        if said is not None and not before[identifier]:
            earlier = named.get(said.get("predecessor")) or named.get(said.get("framework"))
            before[identifier] = earlier or ""
    return before


def ranked(before) -> dict:
    """{identifier: how many activities of the file it follows, one after the other}"""
    ranks = {}
    for identifier in before:
        # From this one back to one whose rank is known; a circle is cut where it began.
        passed = {}
        while identifier in before and identifier not in ranks and identifier not in passed:
            passed[identifier] = True
            identifier = before[identifier]
        rank = ranks.get(identifier, 0)
        for one in reversed(passed):
            rank += 1
            ranks[one] = rank
    return ranks


def read_activity(text: str, alone: bool = False) -> Found:
    """ValidationError where it cannot be told what it is.

    `alone`: an activity of others whose parent is nowhere is read as a convention.
    """
    activity = parsed(text.encode())
    identifier = identifier_of(activity)
    if not identifier:
        raise ValidationError("Cette activité n’a pas d’identifiant (« iati-identifier »).")
    if len(identifier) > LONGEST:
        raise ValidationError(f"Son identifiant dépasse {LONGEST} caractères.")
    for name in ("convention", "action"):
        if (said := own(activity, name)) is not None:
            return from_registry(activity, said, name, identifier)
    return from_iati(activity, identifier, alone)


# Files of the registry


# Files of others
