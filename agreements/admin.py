from django.contrib import admin
from django.core.exceptions import ValidationError

from agreements.models import Avenant, Convention, Delegation, LegalStep, Party
from cooperation.admin import RecordAdmin, RecordInline, TermInline
from cooperation.forms import RecordForm
from cooperation.roles import CORRECT, Role


class ConventionRecordAdmin(RecordAdmin):
    """For a convention and what belongs to it: one history, on the convention's own page."""

    def history_of(self, record):
        return getattr(record, "convention", record)


class PartyInline(TermInline):
    model = Party
    fields = [("partner", "role", "note"), "opened_version"]
    autocomplete_fields = ["partner"]

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 2


class AvenantInline(RecordInline):
    model = Avenant
    autocomplete_fields = ["documents"]
    fields = [
        "number",
        "purpose",
        ("signed_on", "starts_on", "ends_on"),
        ("budget_change", "currency"),
        "documents",
        "opened_version",
    ]


class LegalStepInline(RecordInline):
    model = LegalStep
    fields = [("kind", "partner"), ("done_on", "number"), "document", "opened_version"]
    autocomplete_fields = ["partner", "document"]


class DelegationInline(RecordInline):
    """Given and ended by the secretariat alone, whatever the state of the convention."""

    model = Delegation
    fields = ["user", "opened_version"]

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm("agreements.delete_delegation")


class ConventionForm(RecordForm):
    def clean_documents(self):
        """Documents join a published convention; they do not leave it."""
        documents = self.cleaned_data["documents"]
        if self.instance.is_locked and not self.user.has_perm(CORRECT):
            gone = self.instance.documents.exclude(pk__in=documents.values("pk"))
            if gone:
                raise ValidationError(
                    "Un document publié ne se retire pas : demandez-le au secrétariat. Remettez : "
                    + ", ".join(str(document) for document in gone)
                )
        return documents


@admin.register(Convention)
class ConventionAdmin(ConventionRecordAdmin):
    form = ConventionForm
    list_display = ["reference", "title", "kind", "starts_on", "ends_on", "status"]
    list_display_links = ["reference", "title"]
    list_filter = ["status", "kind"]
    search_fields = ["search_text"]
    autocomplete_fields = ["predecessor", "documents", "themes"]
    filter_horizontal = ["odds"]
    inlines = [PartyInline, AvenantInline, LegalStepInline]
    fieldsets = [
        (None, {"fields": ["title", "kind", "objectives", "themes"]}),
        ("Dates", {"fields": [("signed_on", "starts_on", "ends_on")]}),
        (
            "Compléments",
            {
                "fields": [
                    "duration_months",
                    "partnership_since",
                    "predecessor",
                    "odds",
                    "documents",
                    "note",
                    "source",
                ],
                "classes": ["collapse"],
            },
        ),
    ]

    def has_delete_permission(self, request, obj=None):
        """Whoever was entrusted with a convention edits it; it is not theirs to delete."""
        allowed = super().has_delete_permission(request, obj)
        if allowed and obj and request.user.role == Role.COMMUNE and not request.user.is_superuser:
            return obj.parties.filter(partner=request.user.partner).exists()
        return allowed

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        convention, user = form.instance, request.user
        mine = Convention.objects.editable_by(user).filter(pk=convention.pk)
        # An agent who forgets their own commune among the parties would lose sight of the entry.
        if user.role == Role.COMMUNE and not convention.is_locked and not mine.exists():
            convention.parties.create(partner=user.partner)
        if convention.is_published:
            convention.publish_documents(request.user)
            if request.user.has_perm("agreements.publish_convention"):
                convention.publish_partners(request.user)
