"""What the entry pages offer to choose from as one types."""

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Case, QuerySet, Value, When
from django.http.response import HttpResponseBase

# Records that a form may ask for first: the parties of a convention.
MOST_FIRST = 40


class ChoiceView(AutocompleteJsonView):
    """Homonyms are told apart: twelve communes are called Sainte-Colombe."""

    def get_queryset(self) -> QuerySet:
        """Those that the form names (`d_abord`, keys between commas) before the others."""
        found = super().get_queryset()
        named = self.request.GET.get("d_abord", "").split(",")[:MOST_FIRST]
        keys = [key for key in named if key.isdecimal() and len(key) < 19]
        if not keys:
            return found
        order = found.query.order_by or found.model._meta.ordering
        place = Case(When(pk__in=keys, then=Value(0)), default=Value(1))
        return found.alias(place=place).order_by("place", *order)

    def serialize_result(self, obj, to_field_name) -> dict:
        label = getattr(obj, "told_apart", "")
        return super().serialize_result(obj, to_field_name) | ({"text": label} if label else {})


def choices(request) -> HttpResponseBase:
    """In place of the view of the same address in Django’s admin."""
    return ChoiceView.as_view(admin_site=admin.site)(request)
