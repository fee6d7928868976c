"""Who signs, pays and acts; the people who use the registry; documents; lists to choose from."""

from cooperation.models.access import AccessRequest, Invitation
from cooperation.models.contacts import Contact, Person, PersonQuerySet
from cooperation.models.counters import ReferenceCounter
from cooperation.models.documents import Document
from cooperation.models.imports import Import, ImportRow
from cooperation.models.jobs import Job, JobQuerySet, WorkerPresence
from cooperation.models.journal import JournalEntry, Revision
from cooperation.models.memberships import Membership
from cooperation.models.notices import Notice
from cooperation.models.partners import Partner, PartnerCode
from cooperation.models.reference import Arrondissement, ExchangeRate, Odd, Theme
from cooperation.models.searches import SavedSearch
from cooperation.models.tokens import ApiToken, IdempotentResponse
from cooperation.models.uploads import Upload
from cooperation.models.users import User

__all__ = [
    "AccessRequest",
    "ApiToken",
    "Arrondissement",
    "Contact",
    "Document",
    "ExchangeRate",
    "IdempotentResponse",
    "Import",
    "ImportRow",
    "Invitation",
    "Job",
    "JobQuerySet",
    "JournalEntry",
    "Membership",
    "Notice",
    "Odd",
    "Partner",
    "PartnerCode",
    "Person",
    "PersonQuerySet",
    "ReferenceCounter",
    "Revision",
    "SavedSearch",
    "Theme",
    "Upload",
    "User",
    "WorkerPresence",
]
