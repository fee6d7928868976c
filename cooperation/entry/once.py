"""A form is taken once: two taps, or Save, Back and Save, make one record.

The page carries a key (`{% form_key %}`); the first answer that leads on is kept under it, in the
transaction of what was done, and a second use leads where the first one did.
"""

import re
import secrets
from collections.abc import Callable

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect

from cooperation.journal import hold_revision
from cooperation.models import IdempotentResponse
from cooperation.uploads import inspect_ahead

FIELD = "form_key"
KEY = r"form-[\w-]{22}"
USED = (
    "Ce formulaire avait déjà servi : voici ce qu’il a enregistré. Si vous avez changé quelque chose "
    "depuis, modifiez-le ici."
)


def new_key() -> str:
    return f"form-{secrets.token_urlsafe(16)}"


def forms_once(get_response) -> Callable:
    def answer(request):
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not re.fullmatch(KEY, key) or not request.user.is_authenticated:
            return get_response(request)
        for name in request.FILES:
            for file in request.FILES.getlist(name):
                inspect_ahead(file)
        try:
            with transaction.atomic():
                # Whoever comes second waits here until the first has ended.
                hold_revision()
                use = take(request.user, key)
                response = get_response(request)
                if response.status_code == 302:
                    taken(response, key)
                    use.headers = {"Location": getattr(request, "made_at", response["Location"])}
                    use.save(update_fields=["headers"])
                elif response.status_code < 500:
                    # Nothing was done: the form comes back, and may be sent again.
                    use.delete()
                else:
                    transaction.set_rollback(True)
                return response
        except UsedError:
            used = IdempotentResponse.objects.get(user=request.user, key=key)
            messages.info(request, USED)
            return taken(HttpResponseRedirect(used.headers["Location"]), key)

    return answer


def taken(response, key) -> HttpResponseRedirect:
    """Tell the script that keeps drafts that this form has served: it forgets what it kept of it."""
    response.set_cookie(key, "1", path="/admin/", max_age=7 * 24 * 3600, samesite="Lax")
    return response


class UsedError(Exception):
    """The form's key has led to an answer before."""


def take(user, key) -> IdempotentResponse:
    IdempotentResponse.forget_old()
    try:
        with transaction.atomic():
            return IdempotentResponse.objects.create(user=user, key=key, status=302)
    except IntegrityError as error:
        raise UsedError from error
