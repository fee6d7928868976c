from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from actions.models import Measurement
from cooperation.entry.forms import RecordForm


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
