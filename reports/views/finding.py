"""The page that looks for something in all that the registry holds."""

from django.http.response import HttpResponseBase
from django.shortcuts import render

from cooperation.caching import public_page
from reports.finding import find


@public_page(reads=["q"])
def found(request) -> HttpResponseBase:
    text = request.GET.get("q", "").strip()
    groups = find(text, request.user)
    context = {
        "text": text,
        "groups": groups,
        "count": sum(group.count for group in groups),
        "meant": next((group.meant["words"] for group in groups if group.meant), ""),
    }
    return render(request, "reports/found.html", context)
