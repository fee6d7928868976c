"""The form of personal tokens."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cooperation.models import ApiToken
from cooperation.roles import enters_data
from cooperation.values.dates import LAST_YEAR


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ["name", "scope", "expires_on"]
        widgets = {"scope": forms.RadioSelect, "expires_on": forms.DateInput({"type": "date"})}

    # In use at once: more for one person is a program that has gone wrong.
    MOST = 20

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.user = user
        if not enters_data(user):
            del self.fields["scope"]

    def clean_expires_on(self) -> date | None:
        day = self.cleaned_data["expires_on"]
        if day and not timezone.localdate() <= day <= date(LAST_YEAR, 12, 31):
            raise ValidationError("Choisissez un jour à venir, ou laissez vide.")
        return day

    def clean(self) -> dict:
        if self.instance.user.api_tokens.usable().count() >= self.MOST:
            raise ValidationError(f"Vous avez déjà {self.MOST} jetons : révoquez-en un d’abord.")
        return super().clean()
