"""What IATI 2.03 calls things, beside what the registry calls them.

Source of the codes: the codelists that IATI publishes with version 2.03 of its standard.
"""

from actions.models import Action
from agreements.models import Party, State
from cooperation.models import Document, Partner, PartnerCode

VERSION = "2.03"
# In the place of the identifier that the CNCD will have, until it is registered with IATI.
STAND_IN = "BJ-COA-CNCD"
# The registry's own elements: what it knows and IATI has no place for.
REGISTRY = "urn:registre-cooperation-decentralisee:iati:1"

FUNDING, ACCOUNTABLE, EXTENDING, IMPLEMENTING = "1", "2", "3", "4"
ROLES = {
    Party.Role.FUNDER: FUNDING,
    Party.Role.LEAD: ACCOUNTABLE,
    Party.Role.SIGNATORY: IMPLEMENTING,
    Party.Role.SUPPORT: IMPLEMENTING,
    Party.Role.OPERATOR: IMPLEMENTING,
    Party.Role.OWNER: IMPLEMENTING,
    Party.Role.DELEGATED_OWNER: IMPLEMENTING,
    Party.Role.BEARER: IMPLEMENTING,
    Party.Role.SPONSOR: EXTENDING,
    Party.Role.CONDITIONAL: IMPLEMENTING,
    "": IMPLEMENTING,
}
GOVERNMENT, MULTILATERAL = "10", "40"
# A kind of partner that is not here has no type; of a donor it depends on the country.
ORGANISATIONS = {
    Partner.Kind.COMMUNE: "11",
    Partner.Kind.GROUPING: "11",
    Partner.Kind.AUTHORITY: "11",
    Partner.Kind.ASSOCIATION: "15",
    Partner.Kind.STATE: GOVERNMENT,
    Partner.Kind.PROGRAMME: "15",
    Partner.Kind.NGO: "22",
    Partner.Kind.FOUNDATION: "60",
    Partner.Kind.INSTITUTE: "80",
    Partner.Kind.COMPANY: "70",
}
# What an official code begins with in IATI: the list that it is from, as org-id.guide names it.
AGENCIES = {
    PartnerCode.Scheme.IATI: "",
    PartnerCode.Scheme.IFU: "BJ-IFU-",
    PartnerCode.Scheme.SIREN: "FR-INSEE-",
}

PIPELINE, IMPLEMENTATION, CLOSED, CANCELLED, SUSPENDED = "1", "2", "4", "5", "6"
CONVENTION_STATUS = {
    State.UPCOMING: PIPELINE,
    State.IN_FORCE: IMPLEMENTATION,
    State.ENDED: CLOSED,
    State.UNKNOWN: IMPLEMENTATION,
    State.SUSPENDED: SUSPENDED,
    State.STOPPED: CANCELLED,
    State.PLANNED: PIPELINE,
    State.REFUSED: CANCELLED,
}
ACTION_STATUS = {
    Action.State.PLANNED: PIPELINE,
    Action.State.UNDER_WAY: IMPLEMENTATION,
    Action.State.DONE: CLOSED,
    Action.State.SUSPENDED: SUSPENDED,
    Action.State.ABANDONED: CANCELLED,
}

PLANNED_START, ACTUAL_START, PLANNED_END, ACTUAL_END = "1", "2", "3", "4"
GENERAL, OBJECTIVES, TARGET_GROUPS = "1", "2", "3"
COMMITMENT, DISBURSEMENT, EXPENDITURE = "2", "3", "4"
PARENT, CHILD, SIBLING = "1", "2", "3"
OTHER_IDENTIFIER = "A9"
DAC, OWN = "1", "99"
SDG_GOALS = "2"
# « Pays en développement, non spécifié », as a region.
DEVELOPING = "998"

WEB_PAGE = "A12"
DOCUMENTS = {
    Document.Kind.CONVENTION: "A09",
    Document.Kind.AVENANT: "A09",
    Document.Kind.DELIBERATION: "A04",
    Document.Kind.APPROVAL: "A04",
    Document.Kind.REPORT: "A08",
    Document.Kind.STUDY: "A07",
    Document.Kind.PHOTO: "A08",
    Document.Kind.OTHER: "A02",
}

# Countries that give aid, and do not receive it: the members of the CAD (DAC) in 2024.
# Source: OECD, members of the Development Assistance Committee.
DONORS = (
    "AT AU BE CA CH CZ DE DK EE ES FI FR GB GR HU IE IS IT JP KR LT LU NL NO NZ PL PT SE SI SK US"
)
