"""Signing in. Apart from roles.py: models.py imports roles, and this imports the user model."""

import logging

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from cooperation.roles import PERMISSIONS, Role

logger = logging.getLogger(__name__)


class RoleBackend(AuthenticationBackend):
    """Signs people in by user name or e-mail, without regard to case, with the permissions of their role."""

    def get_all_permissions(self, user_obj, obj=None) -> set[str]:
        permissions = super().get_all_permissions(user_obj, obj)
        if obj is None and user_obj.is_active and not user_obj.is_anonymous:
            permissions = permissions | PERMISSIONS[Role(user_obj.role)]
        return permissions


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
