from django.contrib import admin

from agreements.completeness import assess
from agreements.facets import CONVENTION_INDEX
from agreements.forms import ConventionForm
from agreements.inlines import (
    LIFE_INLINES,
    AvenantInline,
    FocalPointInline,
    LegalStepInline,
    PartyInline,
)
from agreements.models import Convention
from cooperation.entry.admin import RecordAdmin
from cooperation.roles import enters_for


class ConventionRecordAdmin(RecordAdmin):
    """For a convention and what belongs to it: one history, on the convention's own page."""

    def history_of(self, record) -> Convention:
        return getattr(record, "convention", record)


@admin.register(Convention)
class ConventionAdmin(ConventionRecordAdmin):
    form = ConventionForm
    article = "une"
    list_display = ["reference", "title", "kind", "starts_on", "ends_on", "status"]
    list_display_links = ["reference", "title"]
    list_filter = ["status", "kind"]
    search_fields = ["search_text"]
    index = CONVENTION_INDEX
    way_to_publication = "Une fois enregistrée, soumettez-la depuis sa page."
    autocomplete_fields = ["predecessor", "framework", "documents", "themes"]
    inlines = [PartyInline, AvenantInline, LegalStepInline, *LIFE_INLINES, FocalPointInline]
    fieldsets = [
        (None, {"fields": ["title", "kind", "signed_text", "objectives", "themes"]}),
        (
            "Dates",
            {"fields": [("signed_on", "starts_on", "ends_on"), ("duration_months", "has_no_term")]},
        ),
        (
            "Ce que la convention a donné",
            {"fields": ["results", "difficulties", "recommendations"], "classes": ["collapse"]},
        ),
        (
            "Compléments",
            {
                "fields": [
                    ("kind_words", "own_number"),
                    ("partnership_since", "unnamed_parties"),
                    ("follow_up_body", "meeting_rhythm"),
                    ("predecessor", "framework"),
                    "odds",
                    "documents",
                    "note",
                    "source",
                ],
                "classes": ["collapse"],
            },
        ),
    ]

    def missing(self, obj) -> list[tuple]:
        return [(rule.to_do, rule.anchor) for rule in assess(obj).missing]

    def get_formset_kwargs(self, request, obj, inline, prefix) -> dict:
        """Whoever enters a convention for an office is shown it as the first party."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        office = enters_for(request.user)
        # Only shown: a line that came back as it was shown would not be saved.
        if isinstance(inline, PartyInline) and office and not obj.pk and request.method == "GET":
            kwargs["initial"] = [{"partner": office.pk}]
        return kwargs
