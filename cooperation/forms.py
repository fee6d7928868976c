"""Forms of partners, documents and accounts."""

from django import forms
from django.contrib.auth.forms import UserChangeForm

from cooperation.entry.files import FilesField, proposed_title
from cooperation.entry.forms import RecordForm
from cooperation.importing.likely import likely
from cooperation.models import Document, Partner


class PartnerForm(RecordForm):
    """A new one that is likely there already is told before it is added."""

    is_another = forms.BooleanField(
        label="C’est un autre partenaire",
        required=False,
        widget=forms.HiddenInput,
        help_text="Vrai si c’est bien un autre que ceux de nom proche qui sont déjà là.",
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        name, country = cleaned.get("name"), cleaned.get("country", "")
        if name and not self.instance.pk and not cleaned.get("is_another"):
            known = Partner.objects.linkable_by(self.user)
            if found := likely(name, country, known):
                told = " ; ".join(f"{partner.told_apart} ({why})" for partner, why in found)
                self.fields["is_another"].widget = forms.CheckboxInput()
                self.add_error(
                    "name",
                    f"Peut-être déjà dans le registre : {told}. Choisissez-le, ou dites que c’est un autre "
                    "partenaire.",
                )
        return cleaned


class DocumentForm(RecordForm):
    """Without a title, its nature and its date are one."""

    file = FilesField(label="Fichier", help_text=Document._meta.get_field("file").help_text)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The content of a document never changes.
        if self.instance.pk:
            del self.fields["file"]
        self.fields["title"].required = False
        self.fields["title"].help_text = "Vide : la nature et la date en tiennent lieu."

    def clean(self) -> dict:
        cleaned = super().clean()
        if not cleaned.get("title") and cleaned.get("kind"):
            cleaned["title"] = proposed_title(cleaned["kind"], cleaned.get("dated"))
        return cleaned


class UserForm(RecordForm, UserChangeForm):
    pass
