"""A second proof beside the password: whose role asks for it, and how its secrets are kept."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, resolve_url

from cooperation.auth import FACTORS, is_asked_for_factor, lacks_factor

# What is open without it: how one is added, and the way out.
ON_THE_WAY = ["mfa_index", "account_reauthenticate", "account_logout"]
ASKED = (
    "Votre rôle demande un second facteur : ajoutez une application de codes ou une clé d’accès, le "
    "registre et vos jetons s’ouvrent ensuite."
)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of applications are encrypted: whoever reads a backup makes no codes from it."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Ce code n’est pas, ou n’est plus, le bon : tapez celui qui s’affiche "
        "maintenant.",
        "cannot_delete_authenticator": "Votre rôle demande un second facteur : ajoutez-en un autre "
        "avant de retirer celui-ci.",
    }

    def get_totp_issuer(self) -> str:
        return "Registre de la coopération décentralisée"

    def get_totp_label(self, user) -> str:
        return user.get_username()

    def encrypt(self, text) -> str:
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text) -> str:
        return keys().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator) -> bool:
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        return (
            not is_asked_for_factor(authenticator.user)
            or others.exclude(pk=authenticator.pk).exists()
        )

    def generate_authenticator_name(self, user, type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Clé {count + 1}" if count else "Ce téléphone ou cet ordinateur"


def keys() -> MultiFernet:
    """From the site's secret; former ones still decrypt."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(urlsafe_b64encode(sha256(f"second factor {secret}".encode()).digest()))
        for secret in secrets
    )


def second_factor_first(get_response) -> Callable:
    """Middleware: whoever lacks the factor that their role asks for opens no page but those to add it."""

    def answer(request: HttpRequest):
        on_the_way = tuple(map(resolve_url, ON_THE_WAY))
        is_elsewhere = not request.path.startswith((*on_the_way, settings.STATIC_URL))
        if is_elsewhere and lacks_factor(request.user):
            messages.warning(request, ASKED)
            return redirect("mfa_index")
        return get_response(request)

    return answer
