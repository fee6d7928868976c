"""Filters of documents, arrondissements and memberships."""

from cooperation.lists.filters import PartFilter, RecordFilter, reference_filter
from cooperation.models import Arrondissement, Document, Membership, Partner


class DocumentFilter(RecordFilter):
    class Meta:
        model = Document
        fields = ["q", "kind", "language"]


class ArrondissementFilter(RecordFilter):
    commune = reference_filter(Partner, label="Commune")

    class Meta:
        model = Arrondissement
        fields = ["q", "commune"]


class MembershipFilter(PartFilter):
    grouping = reference_filter(Partner, label="Groupement")
    member = reference_filter(Partner, label="Membre")

    class Meta:
        model = Membership
        fields = ["grouping", "member"]
