"""Files on a slow line: a download that broke goes on where it was; what is compressed is left as it is."""

import re
from collections.abc import Callable, Iterator

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Kinds that are compressed by nature: to do it again costs time and loses the length.
COMPRESSED = ("application/pdf", "application/zip", "application/vnd.", "image/")
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
BLOCK = 64 * 1024


class Compression(GZipMiddleware):
    """Texts are compressed; parts of a file and kinds that are so by nature go as they are."""

    def process_response(self, request, response) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if response.status_code == 206 or kind.startswith(COMPRESSED):
            return response
        return super().process_response(request, response)


def resumable_downloads(get_response) -> Callable:
    """Middleware: answers one range of bytes of a file (RFC 9110, 14); anything else gets it whole."""

    def answer(request):
        response = get_response(request)
        if not isinstance(response, FileResponse) or response.status_code != 200:
            return response
        file = response.file_to_stream
        if file is None or not file.seekable() or "Content-Length" not in response:
            return response
        response["Accept-Ranges"] = "bytes"
        asked = ONE_RANGE.fullmatch(request.headers.get("range", "").strip())
        if request.method == "GET" and asked and is_of(request, response):
            narrow(response, file, *asked.groups())
        return response

    return answer


def is_of(request: HttpRequest, response) -> bool:
    """Whether what the visitor has the beginning of is this very file (If-Range)."""
    known = request.headers.get("if-range")
    if known is None:
        return True
    # A weak tag says « the same to read », not « the same bytes ».
    is_weak = known.startswith("W/")
    return not is_weak and known in (response.get("ETag"), response.get("Last-Modified"))


def narrow(response, file, first, last) -> None:
    """Make it the answer for a range, as the header gives it: "" where an end is open."""
    size = int(response["Content-Length"])
    if first:
        start, stop = int(first), min(int(last or size), size - 1)
    elif last:
        start, stop = max(0, size - int(last)), size - 1
    else:
        return
    if start > stop:
        if start >= size:
            response.status_code = 416
            response["Content-Range"] = f"bytes */{size}"
            response["Content-Length"] = "0"
            response.streaming_content = iter(())
        return
    response.status_code = 206
    response["Content-Range"] = f"bytes {start}-{stop}/{size}"
    response["Content-Length"] = str(stop - start + 1)
    response.streaming_content = part(file, start, stop - start + 1)


def part(file, start, length) -> Iterator[bytes]:
    file.seek(start)
    while length > 0 and (block := file.read(min(BLOCK, length))):
        length -= len(block)
        yield block
