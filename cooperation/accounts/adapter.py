"""What django-allauth asks of the registry: who may come in, what guessing meets, in which words."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

DEVICE_COOKIE = "appareil"
DEVICE_AGE = 180 * 24 * 3600


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the secretariat. Wrong passwords are counted by account and by network.

    A device that has opened an account before is counted apart, for that account alone: whoever
    guesses, from elsewhere or from the same office, locks nobody out of their own device.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "Identifiant ou mot de passe incorrect. Vérifiez les "
        "majuscules ; si vous avez oublié le mot de passe, demandez au secrétariat.",
        "too_many_login_attempts": "Trop d’essais sans succès. Attendez dix minutes, ou "
        "connectez-vous de l’appareil dont vous vous servez d’habitude.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def add_message(self, *args, **kwargs) -> None:
        """Pages say for themselves what was done."""

    def pre_authenticate(self, request, **credentials) -> None:
        name = credentials.get("username", "")
        if not is_known_device(request, name):
            return super().pre_authenticate(request, **credentials)
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action="login_failed_on_known_device", key=name
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")


def is_known_device(request: HttpRequest, username: str) -> bool:
    return bool(username) and username == request.get_signed_cookie(
        DEVICE_COOKIE, default="", max_age=DEVICE_AGE
    )


def remember_device(response: HttpResponse, username: str) -> None:
    """This browser has shown the password of this account."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        username,
        max_age=DEVICE_AGE,
        httponly=True,
        samesite="Lax",
    )
