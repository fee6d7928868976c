from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from agreements.duplicates import FIELDS, GROUPS, lines_of, merge
from cooperation.entry.forms import RecordForm
from cooperation.entry.merging import SideBySideForm
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


class ConventionForm(DocumentedForm):
    """The seventeen goals are boxes to tick: seen at once, and as easy on a phone."""

    class Meta:
        widgets: ClassVar = {"odds": forms.CheckboxSelectMultiple}


class MergeForm(SideBySideForm):
    """And which lines to take over."""

    names = FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for group, label in GROUPS.items():
            lines = lines_of(self.other, group)
            if lines:
                self.fields[f"group_{group}"] = forms.BooleanField(
                    label=f"{label} ({len(lines)})",
                    help_text=" ; ".join(str(line) for line in lines[:12]),
                    initial=not lines_of(self.kept, group),
                    required=False,
                )

    def groups(self) -> list:
        return [self[name] for name in self.fields if name.startswith("group_")]

    def save(self, by) -> None:
        """ValidationError where the result would break a rule."""
        merge(
            self.kept,
            self.other,
            by=by,
            taken_fields=self.taken_fields,
            taken_groups=[
                name.removeprefix("group_")
                for name, value in self.cleaned_data.items()
                if name.startswith("group_") and value
            ],
            reason=self.cleaned_data["reason"],
        )
