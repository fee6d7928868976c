"""What a person typed comes back where it could not be taken: a session that ended, a page too old.

Signing in again makes the pages of other tabs too old, and a session ends while somebody types. What
was sent is shown, and one button sends it again with what it lacked. Only to a page of our own: a page
of another site that sends something gets nothing back.
"""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from cooperation.accounts.forms import SignInForm

# Sent with every form, and of no use to its reader: tokens, keys, versions and counts of lines.
UNSHOWN = ("csrfmiddlewaretoken", "form_key", "opened_version", "next", "kept")
COUNTS = ("_FORMS", "-id", "-opened_version")
NEVER_KEPT = ("csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2")


def keep_what_was_typed(get_response) -> Callable:
    """Middleware: a form sent after the end of a session is not lost on the way to the sign-in page."""

    def answer(request):
        response = get_response(request)
        if request.method != "POST" or response.status_code != 302:
            return response
        sign_in_pages = (resolve_url(settings.LOGIN_URL), resolve_url("admin:login"))
        onward = urlsplit(response["Location"])
        # A page that leads there when all is done asks for nothing to come back to.
        is_sent_away = (
            onward.path in sign_in_pages
            and REDIRECT_FIELD_NAME in parse_qs(onward.query)
            and request.path not in sign_in_pages
        )
        if not is_sent_away or request.user.is_authenticated or not is_from_here(request):
            return response
        return kept_page(request, request.get_full_path(), typed_in(request))

    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What Django shows where a form's token is missing or no longer holds."""
    if not is_from_here(request):
        return render(request, "account/refused.html", status=403)
    if request.path == resolve_url(settings.LOGIN_URL):
        if not request.user.is_authenticated:
            messages.info(request, "Cette page avait trop attendu : connectez-vous de nouveau.")
            return HttpResponseRedirect(request.get_full_path())
        onward = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(onward, {request.get_host()})
        return HttpResponseRedirect(onward if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL))
    return kept_page(request, request.get_full_path(), typed_in(request))


def is_from_here(request) -> bool:
    """Whether a page of the registry sent it, as far as the browser tells."""
    origin = f"{request.scheme}://{request.get_host()}"
    said = request.headers.get("origin") or request.headers.get("referer", "")
    return said == origin or said.startswith(f"{origin}/")


def typed_in(request) -> list[tuple[str, str]]:
    """[(name, value), …] of what a form sent; files and passwords are not carried along."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NEVER_KEPT
        for value in values
    ]


def kept_page(request, address, typed, status=403) -> HttpResponse:
    """One button to send it again or, for who is not signed in, the sign-in form that carries it along.

    Status 403 where it was refused: nothing was done yet.
    """
    context = {"address": address, "typed": typed, **carried(address, typed)}
    if request.user.is_authenticated:
        return render(request, "account/kept.html", context, status=status)
    return render(request, "account/login.html", context | {"form": SignInForm()}, status=status)


def carried(address, typed) -> dict:
    """What the sign-in form carries along, as JSON, and shows."""
    shown = [value for name, value in typed if is_shown(name, value)]
    return {"kept": json.dumps([address, typed]), "shown": shown}


def is_shown(name, value) -> bool:
    is_typed = name not in UNSHOWN and not name.startswith("_") and not name.endswith(COUNTS)
    return is_typed and bool(value.strip())


def kept_in(request) -> tuple[str, list] | None:
    """The address and fields that a sign-in carries along, or None."""
    try:
        address, typed = json.loads(request.POST.get("kept", ""))
        typed = [(str(name), str(value)) for name, value in typed]
    except (ValueError, TypeError):
        return None
    is_ours = isinstance(address, str) and url_has_allowed_host_and_scheme(address, None)
    return (address, typed) if is_ours else None
