from django import forms

from cooperation.models import SavedSearch


class SaveForm(forms.ModelForm):
    """Built with whose search it is, and of what."""

    class Meta:
        model = SavedSearch
        fields = ["name"]

    def __init__(self, *args, user, kind, query, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.user, self.instance.kind, self.instance.query = user, kind, query

    def _get_validation_exclusions(self):
        """The same search twice is told by the form, not by the database."""
        return super()._get_validation_exclusions() - {"user", "kind", "query"}
