"""Filters shared by the list page and the API endpoint."""

import django_filters

from agreements.models import Convention, State
from cooperation.filters import (
    RecordFilter,
    commune_filter,
    country_filter,
    day_filter,
    departement_filter,
    odd_filter,
    status_filter,
    theme_filter,
    year_filter,
)
from cooperation.models import Partner


class ConventionFilter(RecordFilter):
    country = country_filter(method="in_country")
    departement = departement_filter(method="in_departement")
    commune = commune_filter(method="in_commune")
    partner = django_filters.ModelChoiceFilter(
        label="Partenaire",
        queryset=Partner.objects.published().filter(parties__isnull=False).distinct(),
        to_field_name="slug",
        empty_label="tous",
        method="with_partner",
    )
    theme = theme_filter(field_name="themes")
    odd = odd_filter(field_name="odds")
    kind = django_filters.ChoiceFilter(
        label="Nature", choices=Convention.Kind, empty_label="toutes"
    )
    status = status_filter(field_name="status")
    state = django_filters.ChoiceFilter(
        label="État", choices=State, empty_label="tous", method="in_state"
    )
    on = day_filter(label="État au (jour)", method="ignored")
    year = year_filter(label="En vigueur en (année)", method="in_year")

    class Meta:
        model = Convention
        fields = ["q"]

    @property
    def day(self):
        """The day on which states are told; None is today."""
        return self.form.cleaned_data.get("on") if self.is_bound and self.is_valid() else None

    def in_country(self, queryset, name, value):
        return queryset.with_party(country=value)

    def in_departement(self, queryset, name, value):
        return queryset.located_in(departement=value)

    def in_commune(self, queryset, name, value):
        return queryset.located_in(pk=value.pk)

    def with_partner(self, queryset, name, value):
        return queryset.with_party(pk=value.pk)

    def in_state(self, queryset, name, value):
        return queryset.in_state(value, self.form.cleaned_data.get("on"))

    def ignored(self, queryset, name, value):
        """The day alone narrows nothing: it goes with the state."""
        return queryset

    def in_year(self, queryset, name, value):
        return queryset.filter(pk__in=Convention.objects.overlapping(int(value)).values("pk"))
