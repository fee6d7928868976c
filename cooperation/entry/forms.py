"""The forms of records: what they refuse, keep, let choose and bring back."""

from copy import copy

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from cooperation.entry.files import FilesField
from cooperation.records.deleted import restore_whole
from cooperation.records.history import changes_since, restore_field, restore_line
from cooperation.roles import CORRECT
from cooperation.values.fields import refuse_other_currencies


def is_correction(model, record, user) -> bool:
    """Whether saving may correct what is submitted or published, and so asks for a reason."""
    if not user.has_perm(CORRECT):
        return False
    return model.adds_terms if record is None else record.is_locked


class RecordForm(forms.ModelForm):
    """Keeps two people from overwriting each other, and published terms from changing unnoticed.

    The page carries the version it was opened on. If the record has changed since, nothing is
    saved: the person is told what changed, keeps what they typed, and may save again.
    """

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="Motif de la correction",
        max_length=2000,
        help_text="Il restera lisible dans l’historique.",
    )

    # Who fills the form in, whether they correct what is public, and why the database refused what
    # was sent; the admin sets them.
    user = None
    is_correction = False
    refused = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, FilesField):
                field.for_user(self.user)
        if not self.is_correction:
            del self.fields["reason"]
        elif not self.instance.pk:
            # Only a published convention, which is not chosen yet, asks why (_post_clean).
            self.fields["reason"].required = False
        if self.instance.pk:
            self.initial["opened_version"] = self.instance.version
            self.keep_links()
            if not self.user.has_perm(CORRECT):
                for name in self.fields.keys() & set(self.instance.locked_fields):
                    self.fields[name].disabled = True

    def keep_links(self) -> None:
        """What is linked already stays a choice, even if this person could not link it."""
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField) and name in self.initial:
                linked = self.initial[name]
                keys = linked if isinstance(linked, list) else [linked]
                keys = [getattr(key, "pk", key) for key in keys if key is not None]
                everything = field.queryset.model._default_manager
                field.queryset = everything.filter(
                    Q(pk__in=field.queryset.order_by().values("pk")) | Q(pk__in=keys)
                )

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.refused:
            raise ValidationError(self.refused)
        refuse_other_currencies(self)
        if self.instance.pk:
            if self.has_changed():
                self.refuse_stale(cleaned.get("opened_version"))
            self.refuse_locked()
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        new_term = self.instance._state.adding and self.instance.adds_terms and not self.errors
        if new_term and self.instance.is_locked:
            if not self.user.has_perm(CORRECT):
                self.add_error(None, self.instance.why_locked())
            elif self.is_correction and not self.cleaned_data.get("reason"):
                text = "Dites pourquoi vous ajoutez à une convention publiée."
                self.add_error("reason", ValidationError(text, code="required"))

    def deposit(self, user) -> None:
        """Make documents of the files of the form, before its record is saved; most have none."""

    def deposit_links(self, user) -> None:
        """The same after it is saved, where documents are many to one."""

    def has_changed(self) -> bool:
        return not {"opened_version", "reason"}.issuperset(self.changed_data)

    def refuse_locked(self) -> None:
        """A browser sends no locked field: one that comes was open when the page was made."""
        for name, field in self.fields.items():
            key = self.add_prefix(name)
            if field.disabled and key in self.data:
                typed = field.widget.value_from_datadict(self.data, self.files, key)
                enabled = copy(field)
                enabled.disabled = False  # a disabled field never tells that it changed
                if enabled.has_changed(self.get_initial_for_field(field, name), typed):
                    raise ValidationError(self.instance.why_locked())

    def refuse_stale(self, opened_version) -> None:
        records = type(self.instance)._base_manager.select_for_update()
        current = records.get(pk=self.instance.pk)
        if opened_version == current.version:
            return
        changes, author = changes_since(current, opened_version, self.user)
        # Saving again is then a choice.
        self.data = self.data.copy()
        self.data[self.add_prefix("opened_version")] = str(current.version)
        raise ValidationError(
            [
                f"{author or 'Quelqu’un'} a modifié cette fiche pendant que vous la remplissiez. "
                "Rien n’est encore enregistré et vos saisies sont gardées : comparez-les, puis "
                "enregistrez à nouveau pour les retenir.",
                *(f"{c.label.capitalize()} : « {c.old} » est devenu « {c.new} »." for c in changes),
            ]
        )


class PageForm(RecordForm):
    """The form of a page of its own, outside the admin: `user` fills it in."""

    def __init__(self, *args, user, **kwargs):
        self.user = user
        record = kwargs.get("instance")
        self.is_correction = bool(
            record and record.pk and record.corrected_with_reason
        ) and is_correction(type(record), record, user)
        super().__init__(*args, **kwargs)

    def save(self, commit=True) -> models.Model:
        """With the reason of a correction in the history."""
        if reason := self.cleaned_data.get("reason"):
            self.instance._change_reason = reason
        return super().save(commit)


class RecordFormSet(forms.BaseInlineFormSet):
    """Lines of a record: none is added to locked terms, or removed as somebody else changes it."""

    # At one time; each line costs as much to show as a form of its own.
    MAX_NEW = 40

    def total_form_count(self) -> int:
        return min(super().total_form_count(), len(self.get_queryset()) + self.MAX_NEW)

    def clean(self) -> None:
        super().clean()
        total = self.management_form.cleaned_data["TOTAL_FORMS"]
        if self.max_num == 0 and total > len(self.initial_forms):
            raise ValidationError(self.model.why_locked())
        if total > self.total_form_count():
            raise ValidationError(f"Ajoutez au plus {self.MAX_NEW} lignes à la fois.")
        for form in self.initial_forms:
            if self.can_delete and self._should_delete_form(form):
                form.refuse_stale(form.cleaned_data.get("opened_version"))


class KnownKeysMixin:
    """A list of choices that ignores keys no row can have, instead of failing on them."""

    def optgroups(self, name, value, attrs=None) -> list[tuple]:
        keys = [key for key in value if str(key).isdecimal() and len(str(key)) < 19]
        return super().optgroups(name, keys, attrs)


class LinkSelect(KnownKeysMixin, AutocompleteSelect):
    pass


class LinkSelectMultiple(KnownKeysMixin, AutocompleteSelectMultiple):
    pass


class LinksField(forms.ModelMultipleChoiceField):
    def _check_values(self, value):
        for key in value if isinstance(value, list | tuple) else []:
            if not (str(key).isdecimal() and len(str(key)) < 19):
                message = self.error_messages["invalid_pk_value"]
                raise ValidationError(message, code="invalid_pk_value", params={"pk": key})
        return super()._check_values(value)


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

    def __init__(self, *args, events, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.events, self.user = events, user

    def clean(self) -> dict:
        cleaned = super().clean()
        wanted = (cleaned.get("model"), cleaned.get("row"))
        for event in self.events:
            if (event.label, event.row.history_id) == wanted:
                self.event = event
                break
        else:
            raise ValidationError("Cet événement n’est pas dans l’historique de cette fiche.")
        if self.event.is_deletion == bool(cleaned.get("field")):
            raise ValidationError("Choisissez un champ modifié, ou une ligne supprimée.")
        meta, verb = self.event.model._meta, "add" if self.event.is_deletion else "change"
        if not self.user.has_perm(f"{meta.app_label}.{verb}_{meta.model_name}"):
            raise ValidationError(
                "Cette ligne ne se rétablit pas ici : demandez-le au secrétariat."
            )
        return cleaned

    def save(self) -> None:
        """ValidationError where the form, or the rules of the record, refuse the former value."""
        if not self.is_valid():
            raise ValidationError(self.non_field_errors() or "Rien à rétablir ici.")
        event, name = self.event, self.cleaned_data["field"]
        if event.is_deletion:
            restore_line(event.row, event.before)
            return
        if name not in {change.name for change in event.changes}:
            raise ValidationError("Ce champ n’a pas changé à ce moment.")
        if not event.model._meta.get_field(name).editable:
            raise ValidationError("Ce champ ne se rétablit pas : l’état suit son parcours.")
        record = event.model._base_manager.filter(pk=event.row.id).first()
        if record is None:
            raise ValidationError("Cette ligne est supprimée : rétablissez-la d’abord.")
        restore_field(record, name, event.before, self.user)


class DeletedForm(forms.Form):
    """Names one deleted draft among those that a person may bring back."""

    model = forms.CharField(max_length=100)
    row = forms.IntegerField(min_value=1, max_value=2**62)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = {model._meta.label_lower: found for model, found in rows.items()}

    def save(self, by) -> tuple[models.Model, list[str]]:
        """As `restore_whole` says. ValidationError where there is no such draft, or a rule refuses it by now."""
        found = None
        if self.is_valid() and self.cleaned_data["model"] in self.rows:
            rows = self.rows[self.cleaned_data["model"]]
            found = rows.filter(history_id=self.cleaned_data["row"]).first()
        if found is None:
            raise ValidationError("Ce brouillon n’est plus à rétablir : il l’est déjà, peut-être.")
        return restore_whole(found, by)
