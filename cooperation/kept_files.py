"""Large public files: sent while they are made, kept on disk, and not made again until something changes."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

from cooperation.caching import release
from cooperation.models import Revision

FOLDER = settings.DATA_DIR / "cache" / "files"
# The beginning of a file that is still being written.
UNFINISHED = ".en-cours-"


def kept_file(request, name: str, make: Callable[[], Iterable[bytes]], content_type: str):
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


def sent(path: Path, make):
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


def dropped(file):
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        os.unlink(file.name)


def forget_others(path: Path):
    """Former states of the same file."""
    for other in path.parent.glob(f"{path.stem}.*"):
        if other != path:
            with suppress(OSError):
                other.unlink()
