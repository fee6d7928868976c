"""Filters of what groups make public."""

import django_filters

from cooperation.lists.filters import PartFilter, RecordFilter, reference_filter, year_filter
from cooperation.models import Theme
from workgroup.models import Draft, GroupMeeting, Minutes, SharedDocument, WorkingGroup


class GroupMeetingFilter(PartFilter):
    group = reference_filter(WorkingGroup, label="Groupe")
    year = year_filter(label="Année", field_name="starts_at__year")

    class Meta:
        model = GroupMeeting
        fields = ["group", "year"]


class MinutesFilter(PartFilter):
    group = reference_filter(WorkingGroup, label="Groupe", field_name="meeting__group")
    meeting = reference_filter(GroupMeeting, label="Réunion")
    year = year_filter(label="Année de la réunion", field_name="meeting__starts_at__year")

    class Meta:
        model = Minutes
        fields = ["group", "meeting", "year"]


class OfficialTextFilter(PartFilter):
    group = reference_filter(WorkingGroup, label="Groupe")

    class Meta:
        model = Draft
        fields = ["group"]


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
