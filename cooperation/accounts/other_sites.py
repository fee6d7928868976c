"""Signing in by the account of another site (OpenID Connect): it opens an account, and makes none."""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from requests import RequestException

logger = logging.getLogger(__name__)


class OtherSiteAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def pre_social_login(self, request, sociallogin) -> None:
        """It signs in, and does nothing else; the password of the account stays.

        Allauth would take the password away from whoever has an address that it has not verified: here
        each account was opened from its address, by invitation.
        """
        if sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(redirect("account_home"))
        if sociallogin._did_authenticate_by_email:
            sociallogin.connect(request, sociallogin.user)
            sociallogin._did_authenticate_by_email = None

    def on_authentication_error(self, request: HttpRequest, provider, **kwargs) -> None:
        logger.warning("sign-in by another site failed: %s", kwargs.get("error"))
        raise ImmediateHttpResponse(failed(request))

    def send_notification_mail(self, *args, **kwargs) -> None:
        """Nothing to tell: the account's person has just signed in by that site."""


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/other_site_failed.html", status=502)


def to_other_site(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The way there; the site may not answer."""
    from allauth.socialaccount.providers.openid_connect.views import login

    try:
        return login(request, provider_id)
    except RequestException:
        logger.exception("the other site does not answer")
        return failed(request)
