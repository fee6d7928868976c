from django import forms

from actions.models import Measurement


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
