"""The forms of one's own account, in the registry's words."""

from allauth.account.forms import ChangePasswordForm, LoginForm


class PlainFieldsMixin:
    """Labels stand above their fields: no second one within."""

    LABELS: dict[str, str]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            self.fields[name].label = label
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(PlainFieldsMixin, LoginForm):
    LABELS = {"login": "Identifiant", "password": "Mot de passe"}


class NewPasswordForm(PlainFieldsMixin, ChangePasswordForm):
    LABELS = {
        "oldpassword": "Mot de passe actuel",
        "password1": "Nouveau mot de passe",
        "password2": "Nouveau mot de passe, encore une fois",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = (
            "Dix caractères ou plus : trois ou quatre mots sans lien entre eux se retiennent et ne "
            "se devinent pas."
        )
