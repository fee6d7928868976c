"""Two records that are one, side by side: what differs, and which value stays."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from cooperation.entry.forms import StepForm
from cooperation.values.display import shown


def differences(kept, other, names) -> list[tuple]:
    """[(field, kept value, other value)] of the fields that differ, as people read them."""
    found = []
    for name in names:
        field = kept._meta.get_field(name)
        if getattr(kept, field.attname) != getattr(other, field.attname):
            found.append((field, *(value_of(one, field) for one in (kept, other))))
    return found


def value_of(record, field) -> str:
    if field.remote_field:
        return str(getattr(record, field.name) or "")
    return shown(field, getattr(record, field.attname))


class SideBySideForm(forms.Form):
    """Which value of each differing field to keep, and why the two are one.

    `names`: the fields that a merge asks about.
    """

    names = ()

    reason = StepForm.declared_fields["reason"]
    kept_version = forms.IntegerField(widget=forms.HiddenInput)
    other_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, kept, other, **kwargs):
        kwargs["initial"] = {"kept_version": kept.version, "other_version": other.version}
        super().__init__(*args, **kwargs)
        self.kept, self.other = kept, other
        for field, here, there in differences(kept, other, self.names):
            self.fields[f"field_{field.name}"] = forms.ChoiceField(
                label=capfirst(field.verbose_name),
                choices=[("kept", here or "vide"), ("other", there or "vide")],
                initial="kept" if here else "other",
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        for record, name in ((self.kept, "kept_version"), (self.other, "other_version")):
            if cleaned.get(name) != record.version:
                raise ValidationError(
                    "L’une des fiches a changé depuis que vous l’avez lue. Relisez-les."
                )
        return cleaned

    def questions(self) -> list:
        return [self[name] for name in self.fields if name.startswith("field_")]

    @property
    def taken_fields(self) -> list[str]:
        """Names of the fields whose value comes from the record that goes."""
        return [
            name.removeprefix("field_")
            for name, value in self.cleaned_data.items()
            if name.startswith("field_") and value == "other"
        ]
