from django import forms
from django.core.exceptions import ValidationError

from cooperation.history import restore_field, restore_line


class StepForm(forms.Form):
    """The confirmation of a step, with its reason where the step needs one."""

    reason = forms.CharField(
        label="Motif",
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text="Il restera lisible dans l’historique.",
        error_messages={"required": "Donnez le motif : il restera lisible."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, step, **kwargs):
        super().__init__(*args, **kwargs)
        if not step.needs_reason:
            del self.fields["reason"]


class RestoreForm(forms.Form):
    """Names one event of a record’s history, and the field of it to restore."""

    model = forms.CharField(max_length=100)
    row = forms.IntegerField(min_value=1, max_value=2**62)
    field = forms.CharField(max_length=100, required=False)

    def __init__(self, *args, events, **kwargs):
        super().__init__(*args, **kwargs)
        self.events = events

    def clean(self):
        cleaned = super().clean()
        wanted = (cleaned.get("model"), cleaned.get("row"))
        for event in self.events:
            if (event.label, event.row.history_id) == wanted:
                self.event = event
                break
        else:
            raise ValidationError("Cet événement n’est pas dans l’historique de cette convention.")
        if self.event.is_deletion == bool(cleaned.get("field")):
            raise ValidationError("Choisissez un champ modifié, ou une ligne supprimée.")
        return cleaned

    def save(self):
        """ValidationError where the form, or the rules of the record, refuse the former value."""
        if not self.is_valid():
            raise ValidationError(self.non_field_errors() or "Rien à rétablir ici.")
        event, name = self.event, self.cleaned_data["field"]
        if event.is_deletion:
            return restore_line(event.row)
        if name not in {change.name for change in event.changes}:
            raise ValidationError("Ce champ n’a pas changé à ce moment.")
        if not event.model._meta.get_field(name).editable:
            raise ValidationError("Ce champ ne se rétablit pas : l’état suit son parcours.")
        record = event.model._base_manager.filter(pk=event.row.id).first()
        if record is None:
            raise ValidationError("Cette ligne est supprimée : rétablissez-la d’abord.")
        return restore_field(record, name, event.before)
