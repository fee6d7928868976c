"""The public data as files, and how to use them again."""

import orjson
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from actions.iati.activities import without_beginning
from cooperation.caching import worked_out
from reports.described import as_json_ld
from reports.opendata.catalogue import as_schema_org, catalogue
from reports.opendata.dump import FILES, current
from reports.opendata.examples import examples


@require_safe
def data_home(request) -> HttpResponseBase:
    """Which data there is, under which terms, how fresh, with examples to begin with."""
    found = current()
    manifest = found and found[1]
    files = [
        (name, FILES[name][0], facts)
        for name, facts in (manifest["files"] if manifest else {}).items()
    ]
    context = {
        "licence": settings.DATA_LICENCE,
        "files": files,
        "made_at": manifest and parse_datetime(manifest["made_at"]),
        "mark": manifest and manifest.get("mark"),
        "counts": manifest and manifest["counts"],
        "examples": examples(settings.SITE_URL),
        "linked_data": as_json_ld(as_schema_org(catalogue(manifest))),
        "not_in_iati": worked_out("not-in-iati", make=without_beginning().count),
    }
    return render(request, "reports/data_home.html", context)


@require_safe
def data_file(request, name) -> HttpResponseBase:
    found = current()
    if name not in FILES or found is None:
        raise Http404
    folder, manifest = found
    digest = manifest["files"].get(name, {"sha256": manifest["made_at"]})["sha256"]
    response = get_conditional_response(request, etag=f'"{digest}"')
    if response is None:
        response = FileResponse((folder / name).open("rb"), as_attachment=True, filename=name)
        response["Content-Type"] = FILES[name][1]
    response["ETag"] = f'"{digest}"'
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def data_catalogue(request) -> HttpResponseBase:
    found = current()
    content = orjson.dumps(catalogue(found and found[1]), option=orjson.OPT_INDENT_2)
    return HttpResponse(content, content_type="application/ld+json")
