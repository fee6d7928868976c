"""Filters of documents."""

from cooperation.lists.filters import RecordFilter
from cooperation.models import Document


class DocumentFilter(RecordFilter):
    class Meta:
        model = Document
        fields = ["q", "kind", "language"]
