"""The form of every record in the admin."""

from django import forms
from django.core.exceptions import ValidationError

from cooperation.history import changes_since
from cooperation.roles import CORRECT

LOCKED = (
    "Cette convention est publiée : ses termes changent par un avenant, ou par une correction à "
    "demander au secrétariat."
)


class RecordForm(forms.ModelForm):
    """Keeps two people from overwriting each other, and published terms from changing unnoticed.

    The page carries the version it was opened on. If the record has changed since, nothing is
    saved: the person is told what changed, keeps what they typed, and may save again.
    """

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Who fills the form in; the admin sets it.
    user = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["opened_version"] = self.instance.version
            if self.instance.is_locked and not self.user.has_perm(CORRECT):
                for name in self.fields.keys() & set(self.instance.terms):
                    self.fields[name].disabled = True

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and self.has_changed():
            self.refuse_stale(cleaned.get("opened_version"))
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        new_term = self.instance._state.adding and self.instance.adds_terms and not self.errors
        if new_term and self.instance.is_locked and not self.user.has_perm(CORRECT):
            self.add_error(None, LOCKED)

    def has_changed(self):
        return any(name != "opened_version" for name in self.changed_data)

    def refuse_stale(self, opened_version):
        records = type(self.instance)._base_manager.select_for_update()
        current = records.get(pk=self.instance.pk)
        if opened_version == current.version:
            return
        changes, author = changes_since(current, opened_version)
        # Saving again is then a choice.
        self.data = self.data.copy()
        self.data[self.add_prefix("opened_version")] = str(current.version)
        raise ValidationError(
            [
                f"{author or 'Quelqu’un'} a modifié cette fiche pendant que vous la remplissiez. "
                "Rien n’est encore enregistré et vos saisies sont gardées : comparez-les, puis "
                "enregistrez à nouveau pour les retenir.",
                *(
                    f"{name.capitalize()} : « {old} » est devenu « {new} »."
                    for name, old, new in changes
                ),
            ]
        )
