"""Conventions, who signs them, what changes them, and the papers they need."""

from agreements.models.avenants import Avenant, by_signature
from agreements.models.conventions import NOT_MERGED, Convention, nature_of
from agreements.models.digests import Digest
from agreements.models.legal import LegalStep
from agreements.models.parties import Delegation, Party
from agreements.models.parts import ConventionPartQuerySet, dates_in_order
from agreements.models.terms import OWN_END, ConventionQuerySet, State, state_between

__all__ = [
    "NOT_MERGED",
    "OWN_END",
    "Avenant",
    "Convention",
    "ConventionPartQuerySet",
    "ConventionQuerySet",
    "Delegation",
    "Digest",
    "LegalStep",
    "Party",
    "State",
    "by_signature",
    "dates_in_order",
    "nature_of",
    "state_between",
]
