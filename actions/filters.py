"""Filters shared by the list page and the API endpoint."""

import django_filters

from actions.models import Action
from agreements.models import Convention
from cooperation.filters import (
    RecordFilter,
    commune_filter,
    departement_filter,
    odd_filter,
    theme_filter,
    year_filter,
)


class ActionFilter(RecordFilter):
    convention = django_filters.ModelChoiceFilter(
        label="Convention",
        queryset=Convention.objects.published(),
        to_field_name="reference",
        empty_label="toutes",
    )
    departement = departement_filter(method="in_departement")
    commune = commune_filter(field_name="places")
    theme = theme_filter(field_name="convention__themes")
    odd = odd_filter(field_name="convention__odds")
    state = django_filters.ChoiceFilter(label="État", choices=Action.State, empty_label="tous")
    year = year_filter(label="En cours en (année)", method="in_year")

    class Meta:
        model = Action
        fields = ["q"]

    def in_departement(self, queryset, name, value):
        here = Action.objects.filter(places__departement=value).order_by()
        return queryset.filter(pk__in=here.values("pk"))

    def in_year(self, queryset, name, value):
        return queryset.filter(pk__in=Action.objects.under_way(int(value)).values("pk"))
