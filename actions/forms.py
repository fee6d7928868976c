from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Disbursement, GoodPractice, Measurement
from cooperation.entry.forms import PageForm, RecordForm
from cooperation.values.dates import PartialDate
from cooperation.values.fields import refuse_other_currencies
from cooperation.values.money import format_number


class MeasurementForm(forms.ModelForm):
    """One value, in the few fields that a phone shows at once; for the indicators given."""

    class Meta:
        model = Measurement
        fields = ["indicator", "value", "measured_on", "source"]

    def __init__(self, *args, indicators, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["indicator"].queryset = indicators
        self.fields["indicator"].empty_label = None
        self.fields["measured_on"].required = True
        self.fields["source"].required = True


class PaymentForm(forms.ModelForm):
    """What was paid on one budget line, in the few fields that a phone shows at once."""

    class Meta:
        model = Disbursement
        fields = ["amount", "currency", "paid_on", "kind", "reference"]
        help_texts = {"reference": "Facultatif : numéro du mandat ou de l’ordre de virement."}

    def __init__(self, *args, line, **kwargs):
        rest = line.unpaid
        initial = {"currency": line.currency, "paid_on": PartialDate(timezone.localdate())}
        initial["amount"] = format_number(rest) if rest and rest > 0 else None
        super().__init__(*args, initial=initial, **kwargs)
        self.instance.budget_line = line
        self.fields["paid_on"].required = True

    def clean(self) -> dict:
        cleaned = super().clean()
        refuse_other_currencies(self)
        return cleaned


class ActionChoice(forms.ModelChoiceField):
    """An action of the convention or, as « nouvelle-2 », the third one that the same form adds."""

    NEW = "nouvelle-"

    def to_python(self, value) -> Action | int | None:
        """The action, the place among those that the form adds, or None."""
        place = str(value or "").removeprefix(self.NEW)
        if str(value).startswith(self.NEW) and place.isdecimal() and len(place) < 3:
            return int(place)
        return super().to_python(value)


class ConventionLineForm(RecordForm):
    """One amount in the form of its convention: for all of it, or for one of its actions."""

    class Meta:
        field_classes = {"action": ActionChoice}

    # The place of its action among those that the form adds.
    new_action = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chosen = self.data.get(self.add_prefix("action"), "")
        if chosen.startswith(ActionChoice.NEW) and "action" in self.fields:
            # The script that offers it is not there yet when the form comes back.
            widget = self.fields["action"].widget
            widget.choices = [*widget.choices, (chosen, self.title_of(chosen))]

    def title_of(self, chosen) -> str:
        """Of the action that the form adds there; "" where it adds none."""
        place, count = (
            chosen.removeprefix(ActionChoice.NEW),
            self.data.get("actions-TOTAL_FORMS", ""),
        )
        if not (place.isdecimal() and count.isdecimal() and int(place[:9]) < int(count[:9])):
            return ""
        is_gone = self.data.get(f"actions-{place}-DELETE")
        return "" if is_gone else self.data.get(f"actions-{place}-title", "").strip()

    def clean_action(self) -> Action | None:
        action = self.cleaned_data["action"]
        if not isinstance(action, int):
            return action
        if not self.title_of(self.data[self.add_prefix("action")]):
            raise ValidationError("Cette action n’a pas d’intitulé, ou vous l’avez enlevée.")
        self.new_action = action
        return None


class BudgetLineForm(RecordForm):
    """Of one amount, on a page of its own or from a program."""

    def clean_also_for(self) -> QuerySet:
        """A line serves its own convention already."""
        served = self.cleaned_data["also_for"]
        action = self.instance.action or self.cleaned_data.get("action")
        own = self.instance.convention_id or getattr(
            self.cleaned_data.get("convention"), "pk", None
        )
        own = own or (action and action.convention_id)
        if served.filter(pk=own).exists():
            raise ValidationError(
                "Ce montant est déjà celui de cette convention : ne choisissez que les autres."
            )
        return served


class GoodPracticeForm(PageForm):
    class Meta:
        model = GoodPractice
        fields = [
            "title",
            "context",
            "approach",
            "results",
            "conditions",
            "themes",
            "odds",
            "source",
        ]
        widgets = {
            **{
                name: forms.Textarea({"rows": 5})
                for name in ("context", "approach", "results", "conditions")
            },
            "themes": forms.CheckboxSelectMultiple,
            "odds": forms.CheckboxSelectMultiple,
        }
