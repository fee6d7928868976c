"""What the secretariat fills in of the indicators of the PONADEC."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cooperation.entry.forms import PageForm
from cooperation.values.text import fold
from workgroup.models import PonadecIndicator, PonadecYear


class PonadecIndicatorForm(PageForm):
    class Meta:
        model = PonadecIndicator
        fields = ["name", "definition", "formula", "unit", "official_source", "source"]
        widgets = {
            "definition": forms.Textarea({"rows": 4}),
            "formula": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.computed:
            # It follows from what is counted.
            del self.fields["unit"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = PonadecIndicator.objects.exclude(pk=self.instance.pk)
        if fold(name) in map(fold, others.values_list("name", flat=True)):
            raise ValidationError("Un indicateur porte déjà ce nom.")
        return name


class PonadecYearForm(PageForm):
    """What an indicator is and is to be in a year; what the registry counts by itself is not typed."""

    class Meta:
        model = PonadecYear
        fields = ["year", "value", "value_source", "target", "target_source"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.indicator.computed:
            del self.fields["value"], self.fields["value_source"]
        if self.instance.pk:
            # Another year is another line: this one stays where it was told.
            self.fields["year"].disabled = True

    def clean_value(self) -> Decimal | None:
        value, year = self.cleaned_data["value"], self.cleaned_data.get("year")
        if value is not None and year and year > timezone.localdate().year:
            raise ValidationError(
                "La valeur d’une année à venir n’est pas encore connue : saisissez sa cible."
            )
        return value

    def clean_year(self) -> int:
        year = self.cleaned_data["year"]
        others = self.instance.indicator.years.exclude(pk=self.instance.pk)
        if others.filter(year=year).exists():
            raise ValidationError("Cette année est déjà saisie : corrigez-la sur sa page.")
        return year

    def clean(self) -> None:
        super().clean()
        told = [self.cleaned_data.get(name) for name in ("value", "target")]
        if not self.instance.pk and not self.errors and told == [None, None]:
            raise ValidationError("Donnez au moins un nombre, avec sa source.")
