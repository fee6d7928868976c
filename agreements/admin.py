from django.contrib import admin

from agreements.facets import CONVENTION_INDEX
from agreements.forms import DocumentedForm
from agreements.models import Avenant, Convention, Delegation, LegalStep, Party
from cooperation.entry.admin import RecordAdmin, RecordInline, TermInline


class ConventionRecordAdmin(RecordAdmin):
    """For a convention and what belongs to it: one history, on the convention's own page."""

    def history_of(self, record) -> Convention:
        return getattr(record, "convention", record)


class PartyInline(TermInline):
    model = Party
    fields = [("partner", "role"), ("note", "share"), "opened_version"]
    autocomplete_fields = ["partner"]

    def get_extra(self, request, obj=None, **kwargs) -> int:
        return 0 if obj else 2


class AvenantInline(RecordInline):
    model = Avenant
    form = DocumentedForm
    autocomplete_fields = ["documents"]
    fields = [
        "number",
        "purpose",
        ("signed_on", "starts_on", "ends_on"),
        ("budget_change", "new_total", "currency"),
        "documents",
        "opened_version",
    ]


class LegalStepInline(RecordInline):
    model = LegalStep
    fields = [
        ("kind", "result"),
        ("done_on", "number"),
        ("partner", "organ"),
        ("votes_for", "votes_against", "abstentions"),
        "document",
        "opened_version",
    ]
    autocomplete_fields = ["partner", "document"]


class DelegationInline(RecordInline):
    """Given and ended by the secretariat alone, whatever the state of the convention."""

    model = Delegation
    fields = ["user", "opened_version"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("agreements.delete_delegation")


@admin.register(Convention)
class ConventionAdmin(ConventionRecordAdmin):
    form = DocumentedForm
    list_display = ["reference", "title", "kind", "starts_on", "ends_on", "status"]
    list_display_links = ["reference", "title"]
    list_filter = ["status", "kind"]
    search_fields = ["search_text"]
    index = CONVENTION_INDEX
    way_to_publication = "Une fois enregistrée, soumettez-la depuis sa page."
    autocomplete_fields = ["predecessor", "framework", "documents", "themes"]
    filter_horizontal = ["odds"]
    inlines = [PartyInline, AvenantInline, LegalStepInline]
    fieldsets = [
        (None, {"fields": ["title", "kind", "objectives", "themes"]}),
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
                    "partnership_since",
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

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.settle(by=request.user)
