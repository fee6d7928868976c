"""Sessions that last as long as they are used."""

from collections.abc import Callable

from django.utils import timezone


def sliding_sessions(get_response) -> Callable:
    """Middleware: a session ends two weeks after its last day of use, not after its first.

    It is written once a day, so that reading pages does not wait for the database.
    """

    def answer(request):
        if request.user.is_authenticated:
            today = timezone.localdate().isoformat()
            if request.session.get("used_on") != today:
                request.session["used_on"] = today
        return get_response(request)

    return answer
