"""What the entry pages offer to choose from as one types."""

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http.response import HttpResponseBase


class ChoiceView(AutocompleteJsonView):
    """Homonyms are told apart: twelve communes are called Sainte-Colombe."""

    def serialize_result(self, obj, to_field_name) -> dict:
        label = getattr(obj, "told_apart", "")
        return super().serialize_result(obj, to_field_name) | ({"text": label} if label else {})


def choices(request) -> HttpResponseBase:
    """In place of the view of the same address in Django’s admin."""
    return ChoiceView.as_view(admin_site=admin.site)(request)
