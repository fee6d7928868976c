"""Signing in by the account of another site (OpenID Connect): it opens an account, and makes none."""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

logger = logging.getLogger(__name__)


class OtherSiteAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def on_authentication_error(self, request: HttpRequest, provider, **kwargs) -> None:
        logger.warning("sign-in by another site failed: %s", kwargs.get("error"))
        raise ImmediateHttpResponse(render(request, "account/other_site_failed.html", status=502))

    def send_notification_mail(self, *args, **kwargs) -> None:
        """Nothing to tell: the account's person has just signed in by that site."""
