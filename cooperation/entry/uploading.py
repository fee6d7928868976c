"""A file sent ahead of its form, piece by piece: what is cut goes on from where it stopped."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse, RawPostDataException
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cooperation.models import Upload
from cooperation.roles import enters_data

# As large as a piece may be: what a slow line takes in some seconds.
MOST_AT_ONCE = 2**20


@login_required
@require_POST
def upload_begin(request: HttpRequest) -> JsonResponse:
    """name, size → {"address", "reference", "received": 0, "ready": false}."""
    if not enters_data(request.user):
        raise PermissionDenied
    size = request.POST.get("size", "")
    try:
        size = int(size) if size.isdecimal() and len(size) < 12 else 0
        upload = Upload.begin(request.user, request.POST.get("name", ""), size)
    except ValidationError as error:
        return refused(error)
    return state_of(upload, 201)


@login_required
@require_http_methods(["GET", "POST", "DELETE"])
def upload_piece(request: HttpRequest, reference: str) -> JsonResponse:
    """GET: how much has arrived. POST ?de=OFFSET with bytes: the next piece. DELETE: forget it."""
    upload = get_object_or_404(request.user.uploads, reference=reference)
    if request.method == "DELETE":
        upload.delete()
        return JsonResponse({})
    if request.method == "POST":
        offset, piece = request.GET.get("de", ""), piece_of(request)
        if piece is None or not (offset.isdecimal() and len(offset) < 12):
            return refused(ValidationError("Ce morceau n’est pas de ceux que l’on attend."))
        try:
            upload.append(int(offset), piece)
        except ValidationError as error:
            return refused(error)
    return state_of(upload, 200)


def piece_of(request) -> bytes | None:
    """The bytes sent, and nothing else; None of a form, or of too many."""
    try:
        piece = request.body
    except RawPostDataException:
        return None
    return piece if len(piece) <= MOST_AT_ONCE else None


def state_of(upload, status) -> JsonResponse:
    address = reverse("upload_piece", args=[upload.reference])
    facts = {
        "reference": upload.reference,
        "address": address,
        "received": upload.received,
        # Whether it was looked into, and may serve.
        "ready": bool(upload.content_type),
    }
    return JsonResponse(facts, status=status)


def refused(error) -> JsonResponse:
    return JsonResponse({"error": " ".join(error.messages)}, status=400)
