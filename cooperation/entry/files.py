"""Files in forms: one, or the photographs of several pages; sent with the form or ahead of it."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.loader import render_to_string
from django.urls import reverse

from cooperation import uploads
from cooperation.models import Document, Upload

# What browsers offer to choose from; what a file is, its content says.
TYPES = "application/pdf,image/*,.heic,.heif,.docx,.xlsx,.ods,.odt"


# Of one field: what a program holds at a time.
MOST_TOGETHER = 100 * 2**20


class Sent:
    """What a form holds for one field: files sent with it, and the references of those sent ahead."""

    def __init__(self, files, references):
        self.files, self.references = list(files), list(references)

    def __bool__(self):
        return bool(self.files or self.references)


class FilesInput(forms.Widget):
    """Chooses files; those that wait for this person are offered beside, ticked where the form has them."""

    needs_multipart_form = True
    user = None

    def value_from_datadict(self, data, files, name) -> Sent:
        def listed(source, key):
            return source.getlist(key) if hasattr(source, "getlist") else []

        return Sent(listed(files, name), listed(data, f"{name}-arrive"))

    def value_omitted_from_data(self, data, files, name) -> bool:
        return not self.value_from_datadict(data, files, name)

    def use_required_attribute(self, initial) -> bool:
        """A file sent ahead will do."""
        return False

    def render(self, name, value, attrs=None, renderer=None) -> str:
        chosen = value.references if isinstance(value, Sent) else []
        is_line_to_copy = "__prefix__" in name
        waiting = [] if self.user is None or is_line_to_copy else self.user.uploads.complete()
        context = {
            "name": name,
            "id": (attrs or {}).get("id", ""),
            "described_by": (attrs or {}).get("aria-describedby", ""),
            "types": TYPES,
            "most": uploads.MAX_BYTES,
            "begin": reverse("upload_begin"),
            "waiting": [(one, one.reference in chosen) for one in waiting],
        }
        return render_to_string("cooperation/_files.html", context)


class FilesField(forms.Field):
    """One document: a file or, of several photographs, a PDF (uploads.whole)."""

    widget = FilesInput
    default_error_messages = {"required": "Choisissez un fichier, ou photographiez les pages."}

    def for_user(self, user) -> None:
        self.user = self.widget.user = user

    def has_changed(self, initial, data) -> bool:
        return bool(data)

    def clean(self, value) -> File | None:
        if not value:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        known = {one.reference: one for one in self.user.uploads.all()}
        taken = [known.get(reference) for reference in value.references]
        if None in taken:
            raise ValidationError(
                "Un fichier envoyé d’avance n’est plus là : il a servi, ou sept jours ont passé. "
                "Choisissez-le de nouveau."
            )
        if any(not one.content_type for one in taken):
            raise ValidationError("Un envoi n’est pas terminé : attendez-le, puis enregistrez.")
        sizes = [*(one.size for one in taken), *(file.size for file in value.files)]
        if sum(sizes) > MOST_TOGETHER:
            raise ValidationError(
                f"Ces fichiers font ensemble plus de {MOST_TOGETHER // 2**20} Mo. Envoyez-en moins à la fois."
            )
        found = uploads.whole([*(one.opened() for one in taken), *value.files])
        # Refused now, beside its field, and not as the record is saved.
        uploads.inspect(found)
        found.taken = taken
        return found


def keep_files(form) -> None:
    """Of a form that comes back: what was sent with it waits, and is not to be chosen again."""
    for name, field in form.fields.items():
        if isinstance(field, FilesField) and form.is_bound:
            key = form.add_prefix(name)
            sent = field.widget.value_from_datadict(form.data, form.files, key)
            for file in sent.files:
                try:
                    upload = Upload.keep(field.user, file)
                except ValidationError:
                    # What cannot be taken is told by the field itself.
                    continue
                form.data = form.data.copy()
                form.data.appendlist(f"{key}-arrive", upload.reference)


def proposed_title(kind, dated=None, of="") -> str:
    """« Délibération, 2 octobre 2026 », « Convention signée – Eau potable »."""
    named = Document.Kind(kind).label
    title = ", ".join(filter(None, [named[:1].upper() + named[1:], dated and dated.label]))
    return " – ".join(filter(None, [title, of]))[:200]


def deposit(found, *, user, kind, dated=None, of="", **facts) -> Document:
    """The document that a form's files make; what had been sent ahead has served.

    `facts` are other fields of the document; without a title, its nature and its date are one.
    """
    facts = {"title": proposed_title(kind, dated, of), "entered_by": user.partner} | facts
    document = Document(kind=kind, dated=dated or "", **facts)
    document.file = found
    document.save()
    has_served(found)
    return document


def has_served(found) -> None:
    for upload in getattr(found, "taken", []):
        upload.delete()
