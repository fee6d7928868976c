"""Filters of what groups share."""

import django_filters

from cooperation.lists.filters import RecordFilter
from cooperation.models import Theme
from workgroup.models import SharedDocument


class SharedDocumentFilter(RecordFilter):
    kind = django_filters.ChoiceFilter(
        choices=SharedDocument.Kind.choices, label="Nature", empty_label="toutes"
    )
    theme = django_filters.ModelChoiceFilter(
        queryset=Theme.objects.all(),
        field_name="themes",
        to_field_name="slug",
        label="Thème",
        empty_label="tous",
    )

    class Meta:
        model = SharedDocument
        fields = ["q", "kind", "theme"]
