"""What a person gives to an import: a file, and answers to what the file leaves open."""

from django import forms
from django.core.exceptions import ValidationError

from cooperation.importing.matching import LEAVE, NEW
from cooperation.importing.runs import importer_class, read_table, receive_once
from cooperation.models import Import
from cooperation.roles import CORRECT


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide : il n’y a aucune ligne à importer.",
        },
    )
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        help_text="D’où vient cette liste, et pourquoi elle change le registre : il restera "
        "lisible dans l’historique de chaque fiche.",
        error_messages={"required": "Donnez le motif : il restera lisible."},
    )

    def __init__(self, *args, kind, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind, self.user = kind, user
        importer = importer_class(kind)
        self.fields["file"].help_text = importer.file_help
        self.fields["file"].widget.attrs["accept"] = importer.accepts
        if not user.has_perm(CORRECT):
            del self.fields["reason"]

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            try:
                self.table = read_table(cleaned["file"], self.kind)
            except ValidationError as error:
                self.add_error("file", error)
        return cleaned

    def save(self) -> tuple[Import, bool]:
        return receive_once(self.table, user=self.user, reason=self.cleaned_data.get("reason", ""))


class AnswersForm(forms.Form):
    """One choice for each question; what has no answer stays out."""

    def __init__(self, *args, job, **kwargs):
        super().__init__(*args, **kwargs)
        self.keys = {f"q{number}": key for number, key in enumerate(job.questions)}
        for name, key in self.keys.items():
            question = job.questions[key]
            new = "un nouveau partenaire" if key.startswith("partenaire:") else "une nouvelle fiche"
            rows = question["rows"]
            self.fields[name] = forms.ChoiceField(
                label=question["text"],
                help_text=f"{rows} ligne{'s' if rows > 1 else ''}" if rows else "répondu",
                choices=[
                    *map(tuple, question["choices"]),
                    (NEW, f"{new}, à ajouter sous ce nom"),
                    (LEAVE, "à laisser de côté"),
                ],
                initial=job.answers.get(key),
                widget=forms.RadioSelect,
                required=False,
            )

    @property
    def answers(self) -> dict:
        """{key: answer} of the questions that were answered."""
        return {self.keys[name]: value for name, value in self.cleaned_data.items() if value}
