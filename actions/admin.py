from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.forms.models import BaseInlineFormSet

from actions.facets import ACTION_INDEX
from actions.forms import BudgetLineForm, ConventionLineForm
from actions.models import (
    Action,
    Axis,
    BudgetLine,
    Disbursement,
    Indicator,
    Instalment,
    Measurement,
)
from agreements.admin import ConventionAdmin, ConventionRecordAdmin
from agreements.facets import CONVENTION_INDEX
from agreements.inlines import (
    LIFE_INLINES,
    AvenantInline,
    DelegationInline,
    FocalPointInline,
    LegalStepInline,
    PartyInline,
    folded,
)
from agreements.models import Avenant, Convention
from cooperation.entry.admin import RecordInline, TermInline
from cooperation.records.gates import Status


class AxisInline(TermInline):
    model = Axis
    fields = ["title", ("number", "added_by"), "opened_version"]

    def get_formset(self, request, obj=None, **kwargs) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        own = obj.avenants.all() if obj else Avenant.objects.none()
        if "added_by" in formset.form.base_fields:
            formset.form.base_fields["added_by"].queryset = own
        return formset


class ActionInline(TermInline):
    model = Action
    article = "une"
    fieldsets = folded(
        ["title", "state"],
        "Où, quand, avec quels résultats",
        [
            "places",
            "place_words",
            ("planned_start", "planned_end"),
            ("actual_start", "actual_end"),
            ("progress", "results"),
            ("number", "axis"),
        ],
    )
    autocomplete_fields = ["places"]

    def get_formset(self, request, obj=None, **kwargs) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        own = obj.axes.all() if obj else Axis.objects.none()
        if "axis" in formset.form.base_fields:
            formset.form.base_fields["axis"].queryset = own
        return formset


class BudgetLineInline(TermInline):
    model = BudgetLine
    article = "une"
    fields = [
        ("amount", "currency", "nature"),
        ("funder", "year", "label"),
        "standing",
        "opened_version",
    ]
    autocomplete_fields = ["funder"]


class ConventionBudgetLineInline(BudgetLineInline):
    """The lines of the convention as a whole, and those of its actions, new ones too."""

    form = ConventionLineForm
    fields = [
        ("amount", "currency", "nature"),
        ("funder", "year", "label"),
        ("action", "standing"),
        "opened_version",
    ]

    def get_formset(self, request, obj=None, **kwargs) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        own = obj.actions.all() if obj else Action.objects.none()
        if "action" in formset.form.base_fields:
            formset.form.base_fields["action"].queryset = own
            formset.form.base_fields["action"].empty_label = "toute la convention"
            # Actions are added above, in the same form.
            formset.form.base_fields["action"].widget.can_add_related = False
        return formset


class InstalmentInline(TermInline):
    model = Instalment
    article = "une"
    fields = [("amount", "expected_on", "condition"), "opened_version"]


class DisbursementInline(RecordInline):
    model = Disbursement
    add_words = "Ajouter un paiement"
    fields = [
        ("paid_on", "amount", "currency", "reference"),
        ("kind", "payee", "instalment"),
        "opened_version",
    ]
    autocomplete_fields = ["payee"]

    def get_formset(self, request, obj=None, **kwargs) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        if "instalment" in formset.form.base_fields:
            own = obj.instalments.all() if obj else Instalment.objects.none()
            formset.form.base_fields["instalment"].queryset = own
        return formset


class IndicatorInline(RecordInline):
    model = Indicator
    fields = [
        ("name", "unit"),
        ("baseline", "baseline_on"),
        ("target", "target_on"),
        "opened_version",
    ]


class ConventionIndicatorInline(IndicatorInline):
    """Those of the convention as a whole; those of an action are on its page."""

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).filter(action=None)


class MeasurementInline(RecordInline):
    model = Measurement
    article = "une"
    fields = [("value", "measured_on"), ("sex", "place"), "source", "opened_version"]
    autocomplete_fields = ["place"]


admin.site.unregister(Convention)


@admin.register(Convention)
class ConventionWithActionsAdmin(ConventionAdmin):
    """The convention's form with what this app adds to it."""

    # What most conventions have comes first.
    inlines = [
        PartyInline,
        AxisInline,
        ActionInline,
        ConventionBudgetLineInline,
        LegalStepInline,
        AvenantInline,
        ConventionIndicatorInline,
        *LIFE_INLINES,
        FocalPointInline,
        DelegationInline,
    ]

    def save_formset(self, request, form, formset, change) -> None:
        """Actions come before amounts: those of an action that is new are given it."""
        if formset.model is Action:
            request.actions_entered = formset.forms
        if formset.model is BudgetLine:
            for line in formset.forms:
                if line.new_action is not None:
                    line.instance.action = request.actions_entered[line.new_action].instance
        super().save_formset(request, form, formset, change)


@admin.register(Action)
class ActionAdmin(ConventionRecordAdmin):
    article = "une"
    list_display = ["reference", "title", "state", "progress"]
    list_display_links = ["reference", "title"]
    list_filter = ["state"]
    search_fields = ["search_text"]
    index = ACTION_INDEX
    autocomplete_fields = ["convention", "places", "arrondissements", "implementers"]
    inlines = [IndicatorInline, BudgetLineInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "convention",
                    "number",
                    "title",
                    "axis",
                    "places",
                    "arrondissements",
                    "place_words",
                ]
            },
        ),
        ("Où en est-elle ?", {"fields": ["state", "progress", "results", "difficulties"]}),
        (
            "Dates",
            {"fields": [("planned_start", "planned_end"), ("actual_start", "actual_end")]},
        ),
        ("Compléments", {"fields": ["description", "implementers", "beneficiaries", "source"]}),
    ]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        """An action stays with its convention, and so does its money."""
        return ["convention"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs) -> ModelChoiceField | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "axis":
            field.queryset = field.queryset.select_related("convention")
            field.label_from_instance = lambda axis: f"{axis.convention.reference} – {axis}"
        return field


@admin.register(BudgetLine)
class BudgetLineAdmin(ConventionRecordAdmin):
    """Reached from a convention or an action: all of one line, what is due and what was paid on it."""

    form = BudgetLineForm
    article = "une"
    list_display = ["convention", "action", "label", "amount_label", "year"]
    list_select_related = ["convention", "action"]
    search_fields = ["label"]
    index, index_path = CONVENTION_INDEX, "convention__pk"
    autocomplete_fields = [
        "convention",
        "action",
        "funder",
        "through",
        "joint_funders",
        "also_for",
    ]
    inlines = [InstalmentInline, DisbursementInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("convention", "action"),
                    ("amount", "currency", "nature"),
                    ("funder", "label"),
                    ("year", "last_year", "span"),
                    "source",
                ]
            },
        ),
        (
            "Qui d’autre, et pour quoi d’autre",
            {
                "fields": [("joint_funders", "through"), "also_for", "included_in"],
                "classes": ["collapse"],
            },
        ),
        (
            "Ce que le texte en dit",
            {
                "fields": [
                    ("standing", "origin"),
                    ("exactness", "most"),
                    ("equivalent", "equivalent_currency"),
                    "set_by",
                ],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return ["convention", "action"] if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs) -> type[ModelForm]:
        """The line that holds this one, and the avenant that sets it, are of its own convention."""
        form = super().get_form(request, obj, change=change, **kwargs)
        lines, avenants = BudgetLine.objects.none(), Avenant.objects.none()
        if obj:
            lines = obj.convention.budget_lines.filter(included_in=None).exclude(pk=obj.pk)
            avenants = obj.convention.avenants.filter(status=Status.PUBLISHED)
        for name, queryset in (("included_in", lines), ("set_by", avenants)):
            if name in form.base_fields:
                form.base_fields[name].queryset = queryset
        return form


@admin.register(Indicator)
class IndicatorAdmin(ConventionRecordAdmin):
    """Reached from a convention or an action: the values measured."""

    list_display = ["name", "unit", "convention", "action", "target"]
    list_select_related = ["convention", "action"]
    search_fields = ["name"]
    index, index_path = CONVENTION_INDEX, "convention__pk"
    autocomplete_fields = ["convention", "action"]
    inlines = [MeasurementInline]
    fields = [
        ("convention", "action"),
        ("name", "unit"),
        ("baseline", "baseline_on"),
        ("target", "target_on"),
        "source",
    ]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return ["convention", "action"] if obj else []
