"""Public pages and large public files are made once and kept until something changes.

The key is made of the address, the counter of changes (journal.py), the day and the running code:
the same key is a 304, or the kept page. Nothing is ever invalidated by hand.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial, wraps
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.http import FileResponse, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from cooperation.models import Revision


@cache
def release() -> int:
    """Version of the running code: latest mtime, in nanoseconds, of the files that make a page."""
    return max(
        file.stat().st_mtime_ns
        for pattern in ("[a-z]*/**/*.py", "templates/**/*.html", "static/**/*.css")
        for file in settings.BASE_DIR.glob(pattern)
    )


def public_page(view=None, *, reads=(), kept_for=None) -> Callable:
    """A page for reading. Visitors get it from the cache, or a 304.

    People signed in, and whoever a message waits for, get a page of their own. `reads` names the
    parameters that the page depends on (None: it refuses what it does not know): others, such as those
    that networks add to links, are dropped, and make no other page. What a page tells may change with
    the hour: `kept_for` seconds it is the same, at most.
    """
    if view is None:
        return partial(public_page, reads=reads, kept_for=kept_for)

    @wraps(view)
    def fresh(request, *args, **kwargs):
        if reads is not None:
            request.GET = only(request.GET, reads)
        if request.user.is_authenticated or len(get_messages(request)):
            response = view(request, *args, **kwargs)
            patch_cache_control(response, private=True, no_cache=True)
            return response
        address = [request.scheme, request.get_host(), request.path, request.GET.urlencode()]
        facts = [*address, Revision.mark(), timezone.localdate(), release()]
        if kept_for:
            facts.append(int(time.time() // kept_for))
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


def only(data, names) -> QueryDict:
    """The parameters so named, in the order of their names."""
    known = QueryDict(mutable=True)
    for name in sorted(set(data) & set(names)):
        known.setlist(name, data.getlist(name))
    return known


def private_pages(get_response) -> Callable:
    """A page asked for with a session is its reader's own: no proxy and no next user may keep it.

    An answer that says for itself how it may be kept is left as it is.
    """

    def answer(request):
        response = get_response(request)
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        if signed_in and "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer


def worked_out(name, *facts, make: Callable) -> object:
    """What `make()` gives, once for a state of the registry: of people signed in, no page is kept.

    `facts` say which of the kind it is; whatever is read must depend on them alone.
    """
    state = [name, *facts, Revision.mark(), timezone.localdate(), release()]
    key = sha256(repr(state).encode()).hexdigest()[:32]
    return caches["default"].get_or_set(key, make, timeout=24 * 3600)


KEPT_HEADERS = ("Content-Type", "Content-Disposition")


def kept(name) -> HttpResponseBase | None:
    page = caches["kept"].get(name)
    return page and HttpResponse(page["content"], headers=page["headers"])


def keep(name, response) -> HttpResponseBase:
    if response.status_code == 200 and not response.streaming:
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        page = {"content": response.content, "headers": headers}
        caches["kept"].set(name, page, timeout=24 * 3600)
    return response


FOLDER = settings.DATA_DIR / "cache" / "files"


# The beginning of a file that is still being written.
UNFINISHED = ".en-cours-"


def kept_file(
    request, name: str, make: Callable[[], Iterable[bytes]], content_type: str
) -> HttpResponseBase:
    """A public file as a response: a 304, the one kept, or `make()`'s pieces, kept on their way.

    `name` says which file it is; the registry's last change, the day and the running code, which state.
    """
    facts = [name, Revision.mark(), timezone.localdate(), release(), settings.SITE_URL]
    key = sha256(repr(facts).encode()).hexdigest()[:32]
    etag = f'"{key}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = sent(FOLDER / f"{name}.{key}", make)
        response["Content-Type"] = content_type
    response["ETag"] = etag
    patch_cache_control(response, no_cache=True)
    return response


def sent(path: Path, make) -> HttpResponseBase:
    with suppress(FileNotFoundError):
        return FileResponse(path.open("rb"), filename=path.stem)
    return StreamingHttpResponse(keeping(path, make()))


def keeping(path: Path, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, written down on their way: whole or not at all. A full disk stops nobody reading."""
    file = None
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(dir=path.parent, prefix=UNFINISHED, delete=False)  # noqa: SIM115
    try:
        for piece in pieces:
            if file:
                try:
                    file.write(piece)
                except OSError:
                    file = dropped(file)
            yield piece
        if file:
            with suppress(OSError):
                file.close()
                os.replace(file.name, path)
                file = None
                forget_others(path)
    finally:
        if file:
            dropped(file)


def dropped(file) -> None:
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        os.unlink(file.name)


def forget_others(path: Path) -> None:
    """Former states of the same file."""
    for other in path.parent.glob(f"{path.stem}.*"):
        if other != path:
            with suppress(OSError):
                other.unlink()
