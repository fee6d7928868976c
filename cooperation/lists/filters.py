"""Filters that pages and API share."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from cooperation.records.gates import Status
from cooperation.values.dates import FIRST_YEAR, LAST_YEAR
from cooperation.values.text import forbidden_characters


def reference_filter(model, **kwargs) -> django_filters.ModelChoiceFilter:
    """A record by its stable name, typed rather than chosen: there may be very many."""
    return django_filters.ModelChoiceFilter(
        queryset=lambda request: model.objects.visible_to(request.user),
        to_field_name=model.address_field,
        widget=forms.TextInput,
        **kwargs,
    )


def refuse_forbidden(text) -> None:
    """What no text of the registry may hold is not searched for."""
    if characters := forbidden_characters(text):
        raise ValidationError(f"Caractères interdits : {', '.join(characters)}.")


class TextFilter(django_filters.CharFilter):
    def __init__(self, **kwargs):
        super().__init__(validators=[refuse_forbidden], **kwargs)


class PartFilter(django_filters.FilterSet):
    """Finds nothing while a filter makes no sense: the form says which and why.

    What is withdrawn or merged is found by those who see it where they ask for a status, or for the
    lines of one record.
    """

    ONE = ("convention", "action", "budget_line", "indicator")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "status" in self.filters and not self.request.user.is_authenticated:
            del self.filters["status"]

    @property
    def qs(self) -> QuerySet:
        return super().qs if self.is_valid() or not self.is_bound else self.queryset.none()

    def filter_queryset(self, queryset) -> QuerySet:
        found = super().filter_queryset(queryset)
        asked = any(self.form.cleaned_data.get(name) for name in ("status", *self.ONE))
        return found if asked or self.request.user.is_anonymous else found.current()

    @property
    def active(self) -> list[dict]:
        """The filters in use: their label, value, and the address of the page without them."""
        if not self.is_bound or not self.is_valid():
            return []
        return [
            {"label": field.label, "value": self.shown(name), "address": self.address_without(name)}
            for name, field in self.form.fields.items()
            if self.form.cleaned_data.get(name) not in (None, "")
        ]

    def address_without(self, name) -> str:
        remaining = self.data.copy()
        for dropped in (name, "page"):
            remaining.pop(dropped, None)
        return f"?{remaining.urlencode()}"

    def shown(self, name) -> object:
        value, field = self.form.cleaned_data[name], self.form.fields[name]
        if isinstance(value, str) and hasattr(field, "choices"):
            return dict(field.choices)[value]
        return value


class RecordFilter(PartFilter):
    """With a search."""

    q = TextFilter(
        label="Recherche",
        method="search",
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )

    def search(self, queryset, name, value) -> QuerySet:
        return queryset.search(value)


def year_filter(**kwargs) -> django_filters.NumberFilter:
    return django_filters.NumberFilter(
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        decimal_places=0,
        widget=forms.NumberInput({"placeholder": "2019", "inputmode": "numeric"}),
        **kwargs,
    )


def status_filter(**kwargs) -> django_filters.ChoiceFilter:
    """For people with an account: visitors see what is published and nothing else."""
    return django_filters.ChoiceFilter(
        label="Publication", choices=Status, empty_label="toutes", **kwargs
    )
