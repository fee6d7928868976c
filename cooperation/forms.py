"""Forms of documents and accounts."""

from django.contrib.auth.forms import UserChangeForm

from cooperation.entry.forms import RecordForm


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
