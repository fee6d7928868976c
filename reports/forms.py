from django import forms
from django.core.exceptions import ValidationError

from cooperation.dates import FIRST_YEAR, LAST_YEAR
from cooperation.models import SavedSearch
from reports.inventory import By


def year_field(label):
    return forms.IntegerField(
        label=label,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
        widget=forms.NumberInput({"placeholder": "2019", "inputmode": "numeric"}),
    )


class InventoryForm(forms.Form):
    """What an inventory asks besides the filters of the list."""

    par = forms.ChoiceField(label="Grouper par", choices=By.choices, required=False)
    de = year_field("Période, de (année)")
    a = year_field("à (année)")

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("de"), cleaned.get("a")
        if first and last and last < first:
            raise ValidationError(
                "La période finit avant de commencer. Corrigez l’une des deux années."
            )
        return cleaned


class SaveForm(forms.ModelForm):
    """Built with whose search it is, and of what."""

    class Meta:
        model = SavedSearch
        fields = ["name"]

    def __init__(self, *args, user, kind, query, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.user, self.instance.kind, self.instance.query = user, kind, query

    def clean_name(self):
        """On one line: it is the subject of messages."""
        return " ".join(self.cleaned_data["name"].split())

    def _get_validation_exclusions(self):
        """The same search twice is told by the form, not by the database."""
        return super()._get_validation_exclusions() - {"user", "kind", "query"}
