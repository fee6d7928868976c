"""Who signs, pays and acts; the people who use the registry; documents; lists to choose from."""

from cooperation.models.documents import Document
from cooperation.models.imports import Import, ImportRow
from cooperation.models.jobs import Job, JobQuerySet, WorkerPresence
from cooperation.models.journal import Revision, Touched
from cooperation.models.partners import Contact, Partner, PartnerCode
from cooperation.models.reference import ExchangeRate, Odd, Theme
from cooperation.models.searches import SavedSearch
from cooperation.models.tokens import Answered, ApiToken
from cooperation.models.users import User

__all__ = [
    "Answered",
    "ApiToken",
    "Contact",
    "Document",
    "ExchangeRate",
    "Import",
    "ImportRow",
    "Job",
    "JobQuerySet",
    "Odd",
    "Partner",
    "PartnerCode",
    "Revision",
    "SavedSearch",
    "Theme",
    "Touched",
    "User",
    "WorkerPresence",
]
