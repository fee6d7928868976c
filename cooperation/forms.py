"""Forms of documents and accounts."""

from django.contrib.auth.forms import UserChangeForm

from cooperation.entry.forms import RecordForm


class DocumentForm(RecordForm):
    def _post_clean(self):
        super()._post_clean()
        if self.errors and "file" in self.cleaned_data and self.cleaned_data["file"]:
            self.add_error("file", "Choisissez à nouveau ce fichier : le navigateur l’oublie.")


class UserForm(RecordForm, UserChangeForm):
    pass
