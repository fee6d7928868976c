"""What django-allauth asks of the registry: who may come in, what guessing meets, in which words."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from cooperation.entry.notices import write_to
from cooperation.models import User

DEVICE_COOKIE = "appareil"
DEVICE_AGE = 180 * 24 * 3600

# What happened to an account, by the name that allauth gives it: its person reads it by e-mail.
NEWS = {
    "account/email/password_changed": "son mot de passe a été changé",
    "account/email/password_reset": "un nouveau mot de passe a été choisi par le lien d’un courriel",
    "mfa/email/totp_activated": "une application de codes y a été ajoutée",
    "mfa/email/totp_deactivated": "son application de codes a été retirée",
    "mfa/email/recovery_codes_generated": "de nouveaux codes de secours ont été donnés",
    "mfa/email/webauthn_added": "une clé d’accès y a été ajoutée",
    "mfa/email/webauthn_removed": "une clé d’accès en a été retirée",
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation. Wrong passwords are counted by account and by network.

    A device that has opened an account before is counted apart, for that account alone: whoever
    guesses, from elsewhere or from the same office, locks nobody out of their own device.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "Identifiant ou mot de passe incorrect. Les majuscules du mot "
        "de passe comptent ; si vous l’avez oublié, choisissez-en un autre par le lien ci-dessous.",
        "too_many_login_attempts": "Trop d’essais sans succès. Attendez dix minutes, ou "
        "connectez-vous de l’appareil dont vous vous servez d’habitude.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_password": "Ce n’est pas votre mot de passe.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def add_message(self, *args, **kwargs) -> None:
        """Pages say for themselves what was done."""

    def pre_authenticate(self, request, **credentials) -> None:
        named = account_named(credentials.get("email") or credentials.get("username", ""))
        if not is_known_device(request, named):
            return super().pre_authenticate(request, **credentials)
        self._login_failed_rl_usage = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed_on_known_device",
            key=named,
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """One count for an account, by whichever name it is called."""
        return account_named(credentials.get("email") or credentials.get("username", ""))

    def send_password_reset_mail(self, user, email, context) -> None:
        """To the address that the account has, not to the one that somebody typed."""
        key = {"uidb36": context["uid"], "key": context["key"]}
        address = reverse("account_reset_password_from_key", kwargs=key)
        write_to(user.email, "password_reset", address, user=user)

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        if user.email:
            news = NEWS[template_prefix]
            write_to(user.email, "account_news", reverse("account_home"), user=user, news=news)


def account_named(typed: str) -> str:
    """The user name of the account that a name or an address is of; what was typed where there is none."""
    named = Q(username__iexact=typed) | Q(email__iexact=typed)
    found = User.objects.filter(named).values_list("username", flat=True).first()
    return (found or typed).lower()


def is_known_device(request: HttpRequest, username: str) -> bool:
    """Whether this browser has opened the account of a user name before."""
    known = request.get_signed_cookie(DEVICE_COOKIE, default="", max_age=DEVICE_AGE)
    return bool(username) and known.lower() == username


def remember_device(response: HttpResponse, username: str) -> None:
    """This browser has shown the password of this account."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        username,
        max_age=DEVICE_AGE,
        httponly=True,
        samesite="Lax",
    )
