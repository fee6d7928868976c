"""Model fields for dates at a known precision and for money, with forms that read French typing."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.text import capfirst

from cooperation.values.dates import FIRST_YEAR, HINT, LAST_YEAR, PartialDate
from cooperation.values.languages import language_choices
from cooperation.values.money import (
    WHOLE,
    currency_choices,
    named_currency,
    parse_amount,
    split_amount,
)


class PartialDateFormField(forms.CharField):
    """Reads « 2019 », « 11/2019 », « 14/11/2019 », « 14112019 », « novembre 2019 » and ISO 8601."""

    # The keys of numbers on a telephone: a point, a comma or nothing stands for the bar.
    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", HINT)
        super().__init__(**kwargs | {"max_length": 40, "empty_value": None})

    def prepare_value(self, value) -> str | None:
        """Shown as it would be typed: « 14/11/2019 »."""
        return "/".join(reversed(value.split("-"))) if isinstance(value, PartialDate) else value

    def has_changed(self, initial, data) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

    def to_python(self, value) -> PartialDate | None:
        value = super().to_python(value)
        if value is None or isinstance(value, PartialDate):
            return value
        try:
            return PartialDate.parse(value)
        except ValueError:
            raise ValidationError(
                "« %(value)s » n’est pas une date comprise entre 1900 et 2100. %(hint)s",
                code="no_date",
                params={"value": value, "hint": HINT},
            ) from None


class PartialDateAttribute(DeferredAttribute):
    """Whatever is assigned becomes a PartialDate."""

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class PartialDateField(models.CharField):
    """A date at the precision known, stored as ISO 8601 text: "2019", "2019-11", "2019-11-14"."""

    descriptor_class = PartialDateAttribute

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"max_length": 10, "null": True, "blank": True})

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "null", "blank"):
            del kwargs[fixed]
        return name, path, args, kwargs

    def from_db_value(self, value, expression, connection) -> PartialDate | None:
        return value and PartialDate(value)

    def to_python(self, value) -> PartialDate | None:
        if not value or isinstance(value, PartialDate) or hasattr(value, "resolve_expression"):
            return value or None
        try:
            return PartialDate(value)
        except ValueError:
            raise ValidationError(HINT) from None

    def formfield(self, **kwargs) -> PartialDateFormField:
        return PartialDateFormField(
            required=False,
            label=capfirst(self.verbose_name),
            **{"help_text": self.help_text} if self.help_text else {},
        )


class AmountFormField(forms.DecimalField):
    """Reads « 1 123 884,50 », « 1123884.50 » and « 5 000 F CFA ».

    A currency typed behind the number must be the one chosen: see `refuse_other_currencies`.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    # The field that chooses its currency.
    chosen_in = "currency"

    def to_python(self, value) -> Decimal | None:
        if isinstance(value, str) and value.strip():
            try:
                value = parse_amount(value)
            except ValueError:
                raise ValidationError(
                    "« %(value)s » n’est pas un montant. Écrivez un nombre, avec deux décimales "
                    "au plus : 1 500 000 ou 1 123 884,50.",
                    code="no_amount",
                    params={"value": value},
                ) from None
        return super().to_python(value)

    def prepare_value(self, value) -> str | None:
        if isinstance(value, Decimal):
            value = value.to_integral_value() if value == value.to_integral_value() else value
            return f"{value:f}".replace(".", ",")
        return value


class MeasureFormField(AmountFormField):
    """The same, with up to four decimals: « 12,5 », « 1 250 »."""

    def to_python(self, value) -> Decimal | None:
        if isinstance(value, str):
            value = re.sub(r"\s", "", value).replace("−", "-").replace(",", ".")
        try:
            return forms.DecimalField.to_python(self, value)
        except ValidationError as error:
            raise ValidationError(error.messages, code="no_measure") from None


def refuse_other_currencies(form, default="") -> None:
    """An error on each amount typed with another currency than the one chosen for it.

    Else « 1 123 884 € » with francs chosen would become as many francs. What a form does not choose is
    that of its record, as an instalment has the currency of its line.
    """
    held = getattr(form, "instance", None)
    for name, field in form.fields.items():
        if isinstance(field, AmountFormField) and form.cleaned_data.get(name) is not None:
            chosen = form.cleaned_data.get(field.chosen_in) or getattr(held, field.chosen_in, "")
            chosen = chosen or default
            typed = field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
            _, unit = split_amount(typed or "")
            if unit and chosen and named_currency(unit) != chosen:
                text = f"Vous avez écrit « {unit} » et choisi {chosen} : corrigez l’un des deux."
                form.add_error(name, ValidationError(text, code="other_currency"))


class AmountField(models.DecimalField):
    """An amount in its original currency, to the cent, below 10^13; `currency_in` says which field tells it."""

    def __init__(self, *args, currency_in="currency", **kwargs):
        self.currency_in = currency_in
        super().__init__(*args, **kwargs | {"max_digits": 15, "decimal_places": 2})

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def validate(self, value, model_instance) -> None:
        super().validate(value, model_instance)
        currency = getattr(model_instance, self.currency_in, "")
        if value is not None and currency in WHOLE and value != value.to_integral_value():
            text = f"{currency} n’a pas de centimes : écrivez un montant entier."
            raise ValidationError(text, code="no_cents")

    def formfield(self, **kwargs) -> AmountFormField:
        field = super().formfield(**kwargs | {"form_class": AmountFormField, "widget": None})
        field.chosen_in = self.currency_in
        return field


class MeasureField(models.DecimalField):
    """A measured quantity, to four decimals, below 10^12 either way; typed as an amount is."""

    def __init__(self, *args, **kwargs):
        kwargs = {"null": True, "blank": True} | kwargs
        super().__init__(*args, **kwargs | {"max_digits": 16, "decimal_places": 4})

    def formfield(self, **kwargs) -> MeasureFormField:
        return super().formfield(**kwargs | {"form_class": MeasureFormField, "widget": None})


class NumberField(models.PositiveSmallIntegerField):
    """The number of a line within its convention; left empty, the next one."""

    def __init__(self, *args, **kwargs):
        kwargs = {"verbose_name": "numéro", "help_text": "Vide : le numéro suivant."} | kwargs
        super().__init__(*args, **kwargs | {"blank": True})


class CurrencyField(models.CharField):
    """An ISO 4217 code in use today."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"max_length": 3, "choices": currency_choices})

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"], kwargs["choices"]
        return name, path, args, kwargs


class LanguageField(models.CharField):
    """A code of ISO 639, or « autre »."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"max_length": 10, "choices": language_choices})

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"], kwargs["choices"]
        return name, path, args, kwargs


POSITIVE = MinValueValidator(Decimal("0.01"), "Le montant doit être supérieur à zéro.")

YEAR_BOUNDS = [
    MinValueValidator(FIRST_YEAR, f"L’année est postérieure à {FIRST_YEAR - 1}."),
    MaxValueValidator(LAST_YEAR, f"L’année est antérieure à {LAST_YEAR + 1}."),
]
