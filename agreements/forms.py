from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import capfirst

from agreements.duplicates import GROUPS, differences, lines_of, merge
from cooperation.entry.forms import RecordForm, StepForm
from cooperation.roles import CORRECT


class DocumentedForm(RecordForm):
    """Of a convention or an avenant."""

    def clean_documents(self) -> QuerySet:
        """Documents join what is published; they do not leave it."""
        documents = self.cleaned_data["documents"]
        if self.instance.is_locked and not self.user.has_perm(CORRECT):
            gone = self.instance.documents.exclude(pk__in=documents.values("pk"))
            if gone:
                raise ValidationError(
                    "Un document publié ne se retire pas : demandez-le au secrétariat. Remettez : "
                    + ", ".join(str(document) for document in gone)
                )
        return documents


class MergeForm(forms.Form):
    """Side by side: which value of each differing field to keep, and which lines to take over."""

    reason = StepForm.declared_fields["reason"]
    kept_version = forms.IntegerField(widget=forms.HiddenInput)
    other_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, kept, other, **kwargs):
        kwargs["initial"] = {"kept_version": kept.version, "other_version": other.version}
        super().__init__(*args, **kwargs)
        self.kept, self.other = kept, other
        for field, here, there in differences(kept, other):
            self.fields[f"field_{field.name}"] = forms.ChoiceField(
                label=capfirst(field.verbose_name),
                choices=[("kept", here or "vide"), ("other", there or "vide")],
                initial="kept" if here else "other",
                widget=forms.RadioSelect,
            )
        for group, label in GROUPS.items():
            lines = lines_of(other, group)
            if lines:
                self.fields[f"group_{group}"] = forms.BooleanField(
                    label=f"{label} ({len(lines)})",
                    help_text=" ; ".join(str(line) for line in lines[:12]),
                    initial=not lines_of(kept, group),
                    required=False,
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

    def groups(self) -> list:
        return [self[name] for name in self.fields if name.startswith("group_")]

    def save(self, by) -> None:
        """ValidationError where the result would break a rule."""
        chosen = self.cleaned_data
        merge(
            self.kept,
            self.other,
            by=by,
            taken_fields=[
                name.removeprefix("field_")
                for name, value in chosen.items()
                if name.startswith("field_") and value == "other"
            ],
            taken_groups=[
                name.removeprefix("group_")
                for name, value in chosen.items()
                if name.startswith("group_") and value
            ],
            reason=chosen["reason"],
        )
