"""The two gates: who sees a record, who may change it; and where it stands on its way to publication."""

from django.db import models
from django.db.models import Q, QuerySet

from cooperation.records.recording import RecordedQuerySet
from cooperation.roles import Role, enters_for, is_secretariat, reads_as_member
from cooperation.values.text import search_words


class Status(models.TextChoices):
    """The steps from one to another are in workflow.py."""

    DRAFT = "brouillon", "brouillon"
    SUBMITTED = "soumis", "soumis au secrétariat"
    RETURNED = "renvoye", "renvoyé à la commune"
    PUBLISHED = "publie", "publié"
    WITHDRAWN = "retire", "retiré"
    MERGED = "fusionne", "fusionné"


# What its commune may still rewrite.
OPEN = (Status.DRAFT, Status.RETURNED)


NEVER_PUBLISHED = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)
NOT_MERGED = [status for status in Status.values if status != Status.MERGED]
# What stays only to say where it went, and counts no more.
GONE = (Status.WITHDRAWN, Status.MERGED)


def sees_all(user) -> bool:
    """Members of the sub-group, the ministry, the préfectures and the secretariat see drafts too.

    A member whose mandates are over reads what everybody reads, from the day after the last.
    """
    if reads_as_member(user):
        return True
    return user.is_authenticated and user.role == Role.MEMBER and not user.sits_no_more


def is_editable_by(user, record) -> bool:
    return type(record)._default_manager.editable_by(user).filter(pk=record.pk).exists()


class RecordQuerySet(RecordedQuerySet):
    """For every model entered by a commune and published by the secretariat."""

    # From a record to its publication status and to the partners who own it.
    status_lookup = "status"
    partner_lookup = "entered_by"
    # And to the agents to whom a single record is entrusted, where one can be.
    delegate_lookup = None

    def published(self) -> QuerySet:
        return self.filter(**{self.status_lookup: Status.PUBLISHED})

    def current(self) -> QuerySet:
        """Neither withdrawn nor merged: what lists and sums hold unless they are asked for the rest."""
        return self.exclude(**{f"{self.status_lookup}__in": GONE})

    def owned_by(self, user) -> QuerySet:
        """What belongs to the person's organisation, or is entrusted to the person."""
        lookups = {self.delegate_lookup: user.pk} if self.delegate_lookup else {}
        if user.partner_id is not None:  # or the lookup would match records without partners
            lookups[self.partner_lookup] = user.partner_id
        if not lookups:
            return self.none()
        # A subquery: a join on partners would return some records twice.
        owned = self.model.objects.filter(Q(*lookups.items(), _connector=Q.OR))
        return self.filter(pk__in=owned.order_by().values("pk"))

    def visible_to(self, user) -> QuerySet:
        if sees_all(user):
            return self.all()
        if not user.is_authenticated:
            return self.published()
        return self.published() | self.owned_by(user)

    def editable_by(self, user) -> QuerySet:
        if is_secretariat(user):
            return self.all()
        return self.owned_by(user) if enters_for(user) else self.none()

    def linkable_by(self, user) -> QuerySet:
        """What a person may attach a record of theirs to: what they may edit."""
        return self.editable_by(user)


class SearchMixin:
    """Finds records by the words of their `search_text`, where they have no index."""

    def search(self, text) -> QuerySet:
        """Records that hold every word of the text, in any order, accents and case aside."""
        found = self
        for word in search_words(text):
            found = found.filter(self.matches(word))
        return found

    def matches(self, word) -> Q:
        """One folded word, as a condition."""
        return Q(search_text__contains=word)


class SearchedQuerySet(SearchMixin, RecordQuerySet):
    """Of what has no list of its own, and so no index: documents, themes."""
