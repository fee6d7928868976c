"""Filters shared by the list page and the API endpoint."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from actions.models import (
    Action,
    BudgetLine,
    Disbursement,
    GoodPractice,
    Indicator,
    Measurement,
    conventions_of_year,
)
from agreements.facets import CONVENTION_INDEX, convention_listing
from agreements.models import Convention
from cooperation.lists.filters import (
    PartFilter,
    RecordFilter,
    TextFilter,
    reference_filter,
    status_filter,
    year_filter,
)
from cooperation.lists.listing import ALONG, APART
from cooperation.models import Odd, Theme
from cooperation.values.money import UNSTATED, Nature, currency_choices

NATURES = [*Nature.choices, (UNSTATED, "non précisée")]


def found_by(query, user) -> list[int]:
    """Keys of the conventions that the filters of an address find."""
    return convention_listing(QueryDict(query), user).keys_found.to_array().tolist()


class ListingField(forms.CharField):
    """The filters of the list of conventions, as its address has them."""

    user = None

    def clean(self, value) -> str:
        query = super().clean(value)
        asked = QueryDict(query)
        listing = convention_listing(asked, self.user)
        known = {*listing.labels_of, *listing.form.fields, *APART, *ALONG}
        if strange := sorted(set(asked) - known):
            text = f"« {strange[0][:80]} » n’est pas un filtre des conventions."
            raise ValidationError(text, code="no_list")
        if listing.errors:
            text = " ".join(f"{label} : {text}" for _, label, _, text in listing.errors)
            raise ValidationError(text, code="no_list")
        return query


class ListingFilter(TextFilter):
    field_class = ListingField

    @property
    def field(self) -> ListingField:
        field = super().field
        field.user = self.parent.request.user
        return field


class AxisFilter(PartFilter):
    convention = reference_filter(Convention, label="Convention")


class IndicatorFilter(PartFilter):
    convention = reference_filter(Convention, label="Convention")
    action = reference_filter(Action, label="Action")

    unit = TextFilter(label="Unité", max_length=60)


class MeasurementFilter(PartFilter):
    indicator = reference_filter(Indicator, label="Indicateur")

    class Meta:
        model = Measurement
        fields = ["sex"]


class BudgetLineFilter(RecordFilter):
    """The rows behind a total: its address carries the scope of the total."""

    convention = reference_filter(Convention, label="Convention", method="of_convention")
    action = reference_filter(Action, label="Action")
    liste = ListingFilter(label="Conventions de la liste", method="of_listing", max_length=4000)
    bilan = year_filter(label="Conventions du bilan de (année)", method="of_bilan")
    year = year_filter(label="Prévu pour (année)")
    currency = django_filters.ChoiceFilter(
        label="Monnaie", choices=currency_choices, empty_label="toutes"
    )
    nature = django_filters.ChoiceFilter(
        label="Nature", choices=NATURES, empty_label="toutes", method="of_nature"
    )
    status = status_filter(field_name="convention__status")

    class Meta:
        model = BudgetLine
        fields = ["q"]

    def search(self, queryset, name, value) -> QuerySet:
        return CONVENTION_INDEX.found_in(queryset, value, "convention__pk")

    def of_convention(self, queryset, name, value) -> QuerySet:
        """Its own lines and those that it shares."""
        return queryset.serving([value.pk]) if value else queryset

    def of_listing(self, queryset, name, value) -> QuerySet:
        """Amounts of the conventions that a list finds, by the filters of its address."""
        return queryset.serving(found_by(value, self.request.user))

    def of_bilan(self, queryset, name, value) -> QuerySet:
        return queryset.serving(conventions_of_year(int(value)).values_list("pk", flat=True))

    def of_nature(self, queryset, name, value) -> QuerySet:
        return queryset.filter(nature="" if value == UNSTATED else value)


class InstalmentFilter(PartFilter):
    budget_line = reference_filter(BudgetLine, label="Ligne budgétaire")


class DisbursementFilter(RecordFilter):
    """The payments behind a total."""

    convention = reference_filter(
        Convention, label="Convention", field_name="budget_line__convention"
    )
    action = reference_filter(Action, label="Action", field_name="budget_line__action")
    liste = ListingFilter(label="Conventions de la liste", method="of_listing", max_length=4000)
    year = year_filter(label="Payé en (année)", method="paid_in")
    currency = django_filters.ChoiceFilter(
        label="Monnaie", choices=currency_choices, empty_label="toutes"
    )
    nature = django_filters.ChoiceFilter(
        label="Nature", choices=NATURES, empty_label="toutes", method="of_nature"
    )
    status = status_filter(field_name="budget_line__convention__status")

    class Meta:
        model = Disbursement
        fields = ["q"]

    def search(self, queryset, name, value) -> QuerySet:
        return CONVENTION_INDEX.found_in(queryset, value, "budget_line__convention__pk")

    def of_listing(self, queryset, name, value) -> QuerySet:
        found = found_by(value, self.request.user)
        return queryset.filter(budget_line__convention__pk__among=found)

    def paid_in(self, queryset, name, value) -> QuerySet:
        return queryset.in_year(int(value))

    def of_nature(self, queryset, name, value) -> QuerySet:
        return queryset.filter(budget_line__nature="" if value == UNSTATED else value)


class GoodPracticeFilter(RecordFilter):
    theme = django_filters.ModelChoiceFilter(
        queryset=Theme.objects.all(),
        field_name="themes",
        to_field_name="slug",
        label="Thème",
        empty_label="tous",
    )
    odd = django_filters.ModelChoiceFilter(
        queryset=Odd.objects.all(),
        field_name="odds",
        to_field_name="number",
        label="ODD",
        empty_label="tous",
    )
    status = status_filter()

    class Meta:
        model = GoodPractice
        fields = ["q", "theme", "odd", "status"]
