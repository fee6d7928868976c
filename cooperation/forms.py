"""Forms of partners, documents and accounts."""

from django import forms
from django.contrib.auth.forms import UserChangeForm

from cooperation.entry.forms import RecordForm
from cooperation.importing.likely import likely
from cooperation.models import Partner


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
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            # The file is stored under a name of ours (uploads.stored_name): its own may be as long as it is.
            self.fields["file"].max_length = None

    def _post_clean(self):
        super()._post_clean()
        if self.errors and "file" in self.cleaned_data and self.cleaned_data["file"]:
            self.add_error("file", "Choisissez à nouveau ce fichier : le navigateur l’oublie.")


class UserForm(RecordForm, UserChangeForm):
    pass
