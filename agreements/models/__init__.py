"""Conventions, who signs them, what changes them, and the papers they need."""

from agreements.models.avenants import Avenant, by_signature
from agreements.models.conventions import Convention, nature_of
from agreements.models.digests import Digest
from agreements.models.focal_points import FocalPoint
from agreements.models.legal import LegalStep
from agreements.models.life import (
    LIFE,
    CitedSource,
    Exchange,
    Meeting,
    OtherValue,
    Signature,
    Situation,
)
from agreements.models.notices import MOST_A_DAY, MOST_WAITING, ErrorNotice
from agreements.models.parties import Delegation, Party, party_name
from agreements.models.parts import ConventionPartQuerySet
from agreements.models.terms import (
    NO_AGREEMENT,
    OWN_END,
    STOPPING,
    ConventionQuerySet,
    State,
    state_between,
)

__all__ = [
    "LIFE",
    "MOST_A_DAY",
    "MOST_WAITING",
    "NO_AGREEMENT",
    "OWN_END",
    "STOPPING",
    "Avenant",
    "CitedSource",
    "Convention",
    "ConventionPartQuerySet",
    "ConventionQuerySet",
    "Delegation",
    "Digest",
    "ErrorNotice",
    "Exchange",
    "FocalPoint",
    "LegalStep",
    "Meeting",
    "OtherValue",
    "Party",
    "Signature",
    "Situation",
    "State",
    "by_signature",
    "nature_of",
    "party_name",
    "state_between",
]
