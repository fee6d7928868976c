"""The forms of one's own account, in the registry's words; and those by which one comes to it."""

import re
from datetime import timedelta

from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    PasswordVerificationMixin,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgainForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cooperation.models import AccessRequest, Invitation, Partner, User
from cooperation.models.access import MOST_REQUESTS_A_DAY
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.values.text import fold, forbidden_characters

CHOOSE_WELL = (
    "Dix caractères ou plus : trois ou quatre mots sans lien entre eux se retiennent et ne se "
    "devinent pas."
)


class PlainFieldsMixin:
    """Labels stand above their fields: no second one within."""

    LABELS: dict[str, str] = {}
    HELP: dict[str, str] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            self.fields[name].label = label
        for name, text in self.HELP.items():
            self.fields[name].help_text = text
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(PlainFieldsMixin, LoginForm):
    LABELS = {"login": "Identifiant ou adresse électronique", "password": "Mot de passe"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class NewPasswordForm(PlainFieldsMixin, ChangePasswordForm):
    LABELS = {
        "oldpassword": "Mot de passe actuel",
        "password1": "Nouveau mot de passe",
        "password2": "Nouveau mot de passe, encore une fois",
    }
    HELP = {"oldpassword": "", "password1": CHOOSE_WELL}


class ForgottenPasswordForm(PlainFieldsMixin, ResetPasswordForm):
    LABELS = {"email": "Adresse électronique de votre compte"}


class ChosenPasswordForm(PlainFieldsMixin, ResetPasswordKeyForm):
    LABELS = {
        "password1": "Nouveau mot de passe",
        "password2": "Nouveau mot de passe, encore une fois",
    }
    HELP = {"password1": CHOOSE_WELL}


class PasswordAgainForm(PlainFieldsMixin, ReauthenticateForm):
    LABELS = {"password": "Votre mot de passe"}
    HELP = {"password": ""}


class CodeFormMixin(PlainFieldsMixin):
    """Six digits of an application, or one of the recovery codes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class SignInCodeForm(CodeFormMixin, AuthenticateForm):
    LABELS = {"code": "Code à six chiffres, ou code de secours"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The only thing to do on its page; elsewhere it would scroll past what is to be read first.
        self.fields["code"].widget.attrs["autofocus"] = True


class ConfirmingCodeForm(CodeFormMixin, CodeAgainForm):
    LABELS = {"code": "Code à six chiffres, ou code de secours"}


class NewApplicationForm(CodeFormMixin, ActivateTOTPForm):
    LABELS = {"code": "Code à six chiffres que l’application affiche"}


class NewKeyForm(PlainFieldsMixin, AddWebAuthnForm):
    LABELS = {
        "name": "Son nom, pour la reconnaître",
        "passwordless": "Me connecter par elle seule, sans mot de passe",
    }
    HELP = {"passwordless": "Elle demande alors votre empreinte, votre visage ou son propre code."}


class KeyNameForm(PlainFieldsMixin, EditWebAuthnForm):
    LABELS = {"name": "Son nom, pour la reconnaître"}


class FactsForm(forms.ModelForm):
    """What a person says of themselves; their role and commune are the secretariat's to say."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone"]
        labels = {"first_name": "Prénom", "last_name": "Nom", "phone": "Téléphone"}
        help_texts = {"phone": "Le secrétariat seul le voit."}
        widgets = {"phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})}

    def clean(self) -> dict:
        return plain_text(self, super().clean())


class AddressForm(forms.Form):
    """A new e-mail address: it takes the place of the former once its link is opened."""

    email = forms.EmailField(
        label="Nouvelle adresse électronique",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email.lower() == self.user.email.lower():
            raise ValidationError("C’est déjà celle de votre compte.")
        return email


class AccessRequestForm(forms.ModelForm):
    """For anybody of a commune; `network` is where it comes from, on this day."""

    # No person sees it: what is typed here was typed by a program.
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = AccessRequest
        fields = ["partner", "name", "function", "email", "phone"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        }

    def __init__(self, *args, network, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.network = network
        self.fields["partner"].queryset = local_authorities()

    def clean(self) -> dict:
        cleaned = plain_text(self, super().clean())
        if cleaned.get("website"):
            raise ValidationError(
                "Ce formulaire a été rempli par un programme : rien n’est envoyé."
            )
        if AccessRequest.objects.waiting().filter(email__iexact=cleaned.get("email", "")).exists():
            raise ValidationError(
                "Une demande de cette adresse attend déjà : le secrétariat y répondra."
            )
        today = AccessRequest.objects.filter(asked_at__gte=timezone.now() - timedelta(days=1))
        if today.filter(network=self.instance.network).count() >= MOST_REQUESTS_A_DAY:
            raise ValidationError(
                "Trop de demandes sont déjà parties d’ici aujourd’hui. Revenez demain, ou téléphonez au "
                "secrétariat."
            )
        return cleaned


class RefusalForm(forms.Form):
    """Why a request is refused: whoever asked reads it."""

    refusal = forms.CharField(label="Motif", max_length=500, widget=forms.Textarea)


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "name", "role", "partner"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = local_authorities()
        self.fields["partner"].required = False

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if account := User.objects.filter(email__iexact=email).first():
            state = "" if account.is_active else ", fermé"
            raise ValidationError(f"Le compte « {account} »{state} a déjà cette adresse.")
        if Invitation.objects.open().filter(email__iexact=email).exists():
            raise ValidationError(
                "Une invitation y est déjà partie : envoyez-la de nouveau, ou retirez-la."
            )
        return email

    def clean(self) -> dict:
        cleaned = plain_text(self, super().clean())
        if cleaned.get("role") != Role.COMMUNE and cleaned.get("partner"):
            self.add_error("partner", "Seul un agent communal saisit pour une commune.")
        return cleaned


class NewAccountForm(PasswordVerificationMixin, forms.ModelForm):
    """What an invited person says of themselves, once: then they are in."""

    password1 = SetPasswordField(label="Mot de passe", help_text=CHOOSE_WELL)
    password2 = PasswordField(label="Mot de passe, encore une fois", autocomplete="new-password")

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone", "username"]
        labels = {"first_name": "Prénom", "last_name": "Nom", "username": "Identifiant"}
        help_texts = {
            "username": "Pour vous connecter ; votre adresse électronique sert aussi.",
            "phone": "Le secrétariat seul le voit.",
        }
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
            "username": forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none"}
            ),
        }

    def __init__(self, *args, invitation, **kwargs):
        self.invitation = invitation
        first, _, last = invitation.name.strip().partition(" ")
        initial = {"first_name": first, "last_name": last, "username": proposed_name(invitation)}
        super().__init__(*args, initial=initial, **kwargs)
        for name in ("first_name", "last_name"):
            self.fields[name].required = True
        for name in ("password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        user = self.instance
        user.email, user.role, user.partner = invitation.email, invitation.role, invitation.partner
        self.fields["password1"].user = user

    def clean_username(self) -> str:
        """A name with @ could be another's address; one of points alone is no part of an address."""
        username = self.cleaned_data["username"]
        if "@" in username or not username.strip("."):
            raise ValidationError("Choisissez un identifiant sans @, avec des lettres.")
        return username

    def clean(self) -> dict:
        return plain_text(self, super().clean())

    def save(self) -> User:
        """The account, made once: of two that send the same link at a time, one is told so."""
        with transaction.atomic():
            invitation = Invitation.objects.select_for_update().get(pk=self.invitation.pk)
            if not invitation.is_open:
                raise ValidationError("Cette invitation vient de servir.")
            self.instance.set_password(self.cleaned_data["password1"])
            try:
                with transaction.atomic():
                    user = super().save()
            except IntegrityError as error:
                # Of an address that another account has taken since, or a name chosen at the same moment.
                raise ValidationError(
                    "Un autre compte vient de prendre cet identifiant ou votre adresse. Changez "
                    "d’identifiant ; si cela ne suffit pas, écrivez au secrétariat."
                ) from error
            invitation.account = user
            invitation.save(update_fields=["account"])
        return user


def local_authorities() -> QuerySet:
    """Of Benin, and their groupings and associations: for which an agent may enter data."""
    kinds = Partner.Kind
    of_benin = Partner.objects.filter(country="BJ", status=Status.PUBLISHED, successor=None)
    return of_benin.filter(
        kind__in=[kinds.COMMUNE, kinds.GROUPING, kinds.AUTHORITY, kinds.ASSOCIATION]
    ).order_by("name")


def proposed_name(invitation) -> str:
    """A free user name, from the name of who is invited or their address: « afi.dossou »."""
    source = invitation.name or invitation.email.partition("@")[0]
    name = re.sub(r"[^a-z0-9]+", ".", fold(source)).strip(".")[:30] or "compte"
    taken = set(User.objects.filter(username__istartswith=name).values_list("username", flat=True))
    taken = {username.lower() for username in taken}
    free = (f"{name}{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in free if one not in taken)


def plain_text(form, cleaned) -> dict:
    """Refuse characters that no page or file can hold, in every text of a form."""
    for name, value in list(cleaned.items()):
        if isinstance(value, str) and (characters := forbidden_characters(value)):
            form.add_error(
                name, f"Caractères interdits : {', '.join(characters)}. Retapez ce texte."
            )
    return cleaned
