"""Public pages are made once and kept until something changes.

One counter in the database moves in the same transaction as every change of the registry. With
the address, the day and the running code it names what a visitor sees: the same name is a 304, or
the kept page. Nothing is ever invalidated by hand.
"""

import secrets
from functools import cache, wraps
from hashlib import sha256

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache as page_cache
from django.db import connection
from django.db.models import F
from django.dispatch import receiver
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from simple_history.signals import post_create_historical_record

from cooperation.models import Revision, Touched
from cooperation.records.base import BATCH

# How often, in revisions, SQLite learns anew how its tables are spread.
STATISTICS = 500
# How many revisions the journal of changes goes back: who copies the registry may pause as long.
JOURNAL = 100_000


@receiver(post_create_historical_record)
def advance(history_instance, history_instances=(), **kwargs):
    """Every change writes history (records.py), and so passes here."""
    token = secrets.token_hex(8)
    if not Revision.objects.filter(pk=1).update(number=F("number") + 1, token=token):
        Revision.objects.get_or_create(pk=1, defaults={"number": 1, "token": token})
    number = Revision.current()
    rows = history_instances or [history_instance]
    touched, at = {entry for row in rows for entry in touched_by(row)}, timezone.now()
    Touched.objects.bulk_create(
        (Touched(revision=number, token=token, at=at, kind=k, key=key) for k, key in touched),
        batch_size=BATCH,
    )
    if number % STATISTICS == 0:
        refresh_statistics()
    if number % JOURNAL == 0:
        Touched.objects.filter(revision__lt=number - JOURNAL).delete()


def refresh_statistics():
    """Without them SQLite reads all published records to find twenty-five by their keys.

    A sample of an index, a quarter of a second for a million conventions: of a smaller one it believed
    that few records are published. PostgreSQL does it by itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit=100000")
            cursor.execute("ANALYZE")


def touched_by(row):
    """(model, key) of the record, and of what it is a line of."""
    model = row.instance_type
    yield model._meta.model_name, row.id
    for name in {model.part_of, "convention"}:
        key = name and getattr(row, f"{name}_id", None)
        if key is not None:
            yield model._meta.get_field(name).related_model._meta.model_name, key


@cache
def release():
    """Changes with the code: the latest modification among the files that make a page."""
    return max(
        file.stat().st_mtime_ns
        for pattern in ("[a-z]*/**/*.py", "templates/**/*.html", "static/**/*.css")
        for file in settings.BASE_DIR.glob(pattern)
    )


def public_page(view):
    """A page for reading. Visitors get it from the cache, or a 304.

    People signed in, and whoever a message waits for, get a page of their own.
    """

    @wraps(view)
    def fresh(request, *args, **kwargs):
        if request.user.is_authenticated or len(get_messages(request)):
            response = view(request, *args, **kwargs)
            patch_cache_control(response, private=True, no_cache=True)
            return response
        facts = [request.build_absolute_uri(), Revision.mark(), timezone.localdate(), release()]
        name = sha256(repr(facts).encode()).hexdigest()[:32]
        etag = f'W/"{name}"'
        # « * » is any state of what is there: whether anything is has to be asked first.
        any_state = request.headers.get("if-none-match", "").strip() == "*"
        response = None if any_state else get_conditional_response(request, etag=etag)
        if response is None:
            response = kept(name) or keep(name, view(request, *args, **kwargs))
            if response.status_code == 200:
                response = get_conditional_response(request, etag=etag, response=response)
        if response.status_code in (200, 304):
            response["ETag"] = etag
        patch_cache_control(response, no_cache=True)
        patch_vary_headers(response, ["Cookie"])
        return response

    return require_safe(fresh)


def kept(name):
    page = page_cache.get(name)
    return page and HttpResponse(page["content"], content_type=page["type"])


def keep(name, response):
    if response.status_code == 200 and not response.streaming:
        page_cache.set(
            name, {"content": response.content, "type": response["Content-Type"]}, timeout=24 * 3600
        )
    return response
