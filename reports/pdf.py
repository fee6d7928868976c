"""HTML to PDF by WeasyPrint, which may load nothing but our own print stylesheet."""

import contextlib
import io
import threading

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

# Each rendering takes a core and some hundred megabytes.
AT_ONCE = threading.BoundedSemaphore(2)


class PdfUnavailableError(Exception):
    """WeasyPrint's system libraries are missing; the message says what to install."""


def load_weasyprint():
    """The module, or PdfUnavailableError. Slow to import, and prints a banner when it fails."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            import weasyprint
    except OSError as error:
        raise PdfUnavailableError(
            "Il manque des bibliothèques du système pour produire les PDF. À installer : "
            "apt-get install -y --no-install-recommends "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from error
    return weasyprint


def render_pdf(template: str, context: dict) -> bytes:
    """Render a template to a tagged PDF (PDF/UA-1); PdfUnavailableError where it can't be."""
    weasyprint = load_weasyprint()
    stylesheet = weasyprint.CSS(filename=finders.find("css/print.css"))
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    document = weasyprint.HTML(string=render_to_string(template, context), url_fetcher=nothing)
    with AT_ONCE:
        return document.write_pdf(stylesheets=[stylesheet], pdf_variant="pdf/ua-1")
