"""Filters of documents and arrondissements."""

from cooperation.lists.filters import RecordFilter, reference_filter
from cooperation.models import Arrondissement, Document, Partner


class DocumentFilter(RecordFilter):
    class Meta:
        model = Document
        fields = ["q", "kind", "language"]


class ArrondissementFilter(RecordFilter):
    commune = reference_filter(Partner, label="Commune")

    class Meta:
        model = Arrondissement
        fields = ["q", "commune"]
