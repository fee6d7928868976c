from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from agreements.duplicates import GROUPS, differences, lines_of, merge
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
            return restore_line(event.row, event.before)
        if name not in {change.name for change in event.changes}:
            raise ValidationError("Ce champ n’a pas changé à ce moment.")
        if not event.model._meta.get_field(name).editable:
            raise ValidationError("Ce champ ne se rétablit pas : l’état suit son parcours.")
        record = event.model._base_manager.filter(pk=event.row.id).first()
        if record is None:
            raise ValidationError("Cette ligne est supprimée : rétablissez-la d’abord.")
        return restore_field(record, name, event.before)


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

    def clean(self):
        cleaned = super().clean()
        for record, name in ((self.kept, "kept_version"), (self.other, "other_version")):
            if cleaned.get(name) != record.version:
                raise ValidationError(
                    "L’une des fiches a changé depuis que vous l’avez lue. Relisez-les."
                )
        return cleaned

    def questions(self):
        return [self[name] for name in self.fields if name.startswith("field_")]

    def groups(self):
        return [self[name] for name in self.fields if name.startswith("group_")]

    def save(self, by):
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
