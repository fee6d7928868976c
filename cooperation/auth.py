"""Signing in. Apart from roles.py: models.py imports roles, and this imports the user model."""

import logging

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from cooperation.roles import PERMISSIONS, Role, is_secretariat

logger = logging.getLogger(__name__)


class RoleBackend(AuthenticationBackend):
    """Signs people in by user name or e-mail, without regard to case, with the permissions of their role."""

    def get_all_permissions(self, user_obj, obj=None) -> set[str]:
        permissions = super().get_all_permissions(user_obj, obj)
        if obj is None and user_obj.is_active and not user_obj.is_anonymous:
            permissions = permissions | PERMISSIONS[Role(user_obj.role)]
        return permissions


# What counts as a second factor: recovery codes alone come from one.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_asked_for_factor(user) -> bool:
    """Whether the role of a person asks for a second factor (SECOND_FACTOR_ROLES)."""
    role = Role.SECRETARIAT if is_secretariat(user) else getattr(user, "role", None)
    return role in settings.SECOND_FACTOR_ROLES


def has_factor(user) -> bool:
    return Authenticator.objects.filter(user=user.pk, type__in=FACTORS).exists()


def lacks_factor(user) -> bool:
    return is_asked_for_factor(user) and not has_factor(user)


@receiver(user_logged_in)
def renew_session(request, user, **kwargs) -> None:
    """Django keeps the session key when the same person signs in again: a stolen one would live on."""
    request.session.cycle_key()
    logger.info("signed in: user %s", user.pk)


@receiver(user_logged_out)
def log_sign_out(user, **kwargs) -> None:
    logger.info("signed out: user %s", user and user.pk)


@receiver(user_login_failed)
def log_refusal(**kwargs) -> None:
    logger.warning("sign-in refused")
