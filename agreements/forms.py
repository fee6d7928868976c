from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from agreements.duplicates import FIELDS, GROUPS, lines_of, merge
from agreements.models import LegalStep
from cooperation.entry.files import FilesField, deposit
from cooperation.entry.forms import RecordForm
from cooperation.entry.merging import SideBySideForm
from cooperation.models import Document
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

    signed_text = FilesField(
        label="Texte signé",
        required=False,
        help_text="Le PDF, ou une photographie de chaque page : elles font un seul document.",
    )

    class Meta:
        widgets: ClassVar = {"odds": forms.CheckboxSelectMultiple}

    def deposit_links(self, user) -> None:
        if found := self.cleaned_data["signed_text"]:
            convention = self.instance
            facts = {"dated": convention.signed_on, "of": convention.title}
            convention.documents.add(
                deposit(found, user=user, kind=Document.Kind.CONVENTION, **facts)
            )


class AvenantForm(DocumentedForm):
    signed_text = FilesField(label="Texte signé de l’avenant", required=False)

    def deposit_links(self, user) -> None:
        if found := self.cleaned_data.get("signed_text"):
            avenant = self.instance
            facts = {"dated": avenant.signed_on, "of": str(avenant.convention)}
            avenant.documents.add(deposit(found, user=user, kind=Document.Kind.AVENANT, **facts))


class LegalStepForm(RecordForm):
    """The kind of the step is the nature of its paper."""

    paper = FilesField(label="Sa copie", required=False)

    def deposit(self, user) -> None:
        if found := self.cleaned_data.get("paper"):
            step = self.instance
            is_of_council = step.kind == LegalStep.Kind.DELIBERATION
            kind = Document.Kind.DELIBERATION if is_of_council else Document.Kind.APPROVAL
            facts = {"dated": step.done_on, "of": str(step.convention)}
            step.document = deposit(found, user=user, kind=kind, **facts)


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
