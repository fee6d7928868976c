"""What all resources of the API have in common."""

from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import QuerySet
from django.http import HttpResponseNotModified, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from rest_framework import viewsets
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from cooperation.caching import public_page
from cooperation.records.gates import sees_all
from cooperation.rest.changes import SyncToken, tombstones
from cooperation.rest.finding import FilteredFound, ListingFound
from cooperation.rest.pagination import PARAMETERS, ApiPagination
from cooperation.rest.problems import (
    GoneError,
    NamelessError,
    ParameterError,
    RequestError,
    reject_unknown_parameters,
)
from cooperation.rest.reading import Reading, reading_for
from cooperation.rest.schema import EXPAND, FIELDS, SINCE
from cooperation.rest.serializers import fields_of, gate, link_of
from cooperation.roles import reads_as_member

NO_LINK = "n’est pas un lien."


class BoundedMixin:
    """Adds RateLimit headers to every answer that was computed."""

    def get_throttles(self) -> list:
        self.throttles = super().get_throttles()
        return self.throttles

    def finalize_response(self, *args, **kwargs) -> HttpResponseBase:
        response = super().finalize_response(*args, **kwargs)
        for throttle in getattr(self, "throttles", ()):
            for name, value in throttle.headers().items():
                response[name] = value
        return response


class IndexView(BoundedMixin, APIView):
    """The root of the API: addresses of the resources, the schema and the docs, and the licence."""

    # {name in an address: viewset}
    resources = {}

    def get(self, request) -> HttpResponseBase:
        reject_unknown_parameters(request.query_params, ())
        name, address = settings.DATA_LICENCE
        here = request.build_absolute_uri
        return Response(
            {
                "resources": {one: here(f"{request.path}{one}/") for one in self.resources},
                "schema": here(reverse("api_schema")),
                "docs": here(reverse("api_docs")),
                "licence": {"name": name, "url": address},
            }
        )


class NothingView(BoundedMixin, APIView):
    """Any other address of the API."""

    permission_classes = ()

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound


class PublicViewSet(BoundedMixin, viewsets.ReadOnlyModelViewSet):
    """Records that all may read: an answer that nothing has changed is a 304, or the one kept.

    `about` says in French what they are. A resource with a page of its own has the filters of that
    page (`listing`), any other those of its `filterset_class`.
    """

    pagination_class = ApiPagination
    http_method_names = ["get", "head", "options", "post", "patch"]
    about = ""
    listing = None
    filterset_class = None
    lookup_field = "uid"
    lookup_value_regex = "[-A-Za-z0-9_]+"

    def dispatch(self, request, *args, **kwargs) -> HttpResponseBase:
        """What a token reads is its person's alone; visitors share what is kept."""
        reads = request.method in ("GET", "HEAD")
        takes_it = request.accepts("application/json")
        if reads and takes_it and "authorization" not in request.headers:
            return public_page(self.answer, reads=None)(request, *args, **kwargs)
        response = self.answer(request, *args, **kwargs)
        if reads and response.status_code == 200:
            response = tagged(request, response)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization"])
        return response

    def answer(self, request, *args, **kwargs) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs).render()

    @classmethod
    def model(cls) -> type[models.Model]:
        return cls.serializer_class.Meta.model

    def get_queryset(self) -> QuerySet:
        return self.serializer_class.records(self.request.user)

    @classmethod
    def found(cls, parameters, user) -> FilteredFound | ListingFound:
        """What an address finds: a ListingFound or a FilteredFound."""
        if cls.listing:
            return ListingFound(cls.listing, parameters, user)
        return FilteredFound(cls.filterset_class, parameters, gate(cls.model(), user), user)

    @classmethod
    def found_by_a_visitor(cls) -> FilteredFound | ListingFound:
        return cls.found(QueryDict(), AnonymousUser())

    @classmethod
    def shaping_parameters(cls) -> Sequence[str]:
        """Those that choose which fields of a record are sent, not which records."""
        return [FIELDS, EXPAND] if cls.expandable() else [FIELDS]

    @classmethod
    def expandable(cls) -> Sequence[str]:
        """Names of the links that may be followed."""
        links = ((n, link_of(field)) for n, field in fields_of(cls.serializer_class).items())
        return [name for name, link in links if link and link.expands_to]

    def state_changed_between(self, first, last) -> dict:
        """{name of a model: keys} of records whose state is another on another day, though nobody edited them."""
        return {}

    def reading(self, request) -> Reading:
        """With the fields and the links that the address asks for."""
        known = fields_of(self.serializer_class)
        fields = chosen(request, FIELDS, list(known), "n’est pas un champ.")
        expand = chosen(request, EXPAND, self.expandable(), NO_LINK)
        return reading_for(self.serializer_class, request.user, fields, expand)

    def list(self, request, *args, **kwargs) -> HttpResponseBase:
        mark = SyncToken.now()
        found = self.found(request.query_params, request.user)
        shaping = self.shaping_parameters()
        known = {*found.names, *PARAMETERS, *shaping, SINCE}
        reject_unknown_parameters(request.query_params, known, {*found.several, *shaping})
        if errors := list(found.errors):
            nameless = all(error.code in ("not_found", "no_list") for error in errors)
            raise NamelessError(errors) if nameless else RequestError(errors)
        reading = self.reading(request)
        missing = self.narrow(found, request) if SINCE in request.query_params else None
        page = self.paginator.page_of(found, request)
        answer = {
            "count": page.count,
            "next": page.next,
            "previous": page.previous,
            "mark": str(mark),
        }
        if missing is not None:
            names = self.tombstones(missing, request.user) if page.is_first else []
            answer["removed"] = [{self.lookup_field: name} for name in names]
        rows = reading.rows(page.keys)
        answer["results"] = [rows[key] for key in page.keys if key in rows]
        return Response(answer)

    def tombstones(self, keys, user) -> Sequence[str]:
        """Stable names of records that are not there any more, for who may have seen them."""
        everything = reads_as_member(user) if self.model().has_own_history else sees_all(user)
        return tombstones(self.model(), keys, self.lookup_field, everything=everything)

    def narrow(self, found, request) -> Sequence[int]:
        """Keep what has changed since a token, sent fields or not; returns keys that are no longer found."""
        since = SyncToken.parse(request.query_params[SINCE])
        entries = since.entries()
        today = timezone.localdate()
        # No state has changed yet on a day to come.
        for kind, keys in self.state_changed_between(min(since.day, today), today).items():
            entries[kind] |= keys
        expand = chosen(request, EXPAND, self.expandable(), NO_LINK)
        whole = reading_for(self.serializer_class, request.user, (), expand)
        return found.narrow(whole.touched(entries))

    def retrieve(self, request, *args, **kwargs) -> HttpResponseBase:
        reject_unknown_parameters(
            request.query_params, self.shaping_parameters(), self.shaping_parameters()
        )
        named = {self.lookup_field: kwargs[self.lookup_field]}
        keys = self.get_queryset().filter(**named).order_by().values_list("pk", flat=True)
        rows = self.reading(request).rows(list(keys))
        if not rows:
            keys = self.model().history.filter(**named).values_list("id", flat=True)
            raise GoneError if self.tombstones(set(keys), AnonymousUser()) else NotFound
        (row,) = rows.values()
        return Response(row)


def tagged(request, response) -> HttpResponseBase:
    """The response with an ETag of its content, that begins with the record's version; or a 304."""
    digest = sha256(response.content).hexdigest()[:32]
    version = response.data.get("version")
    etag = f'W/"{digest}"' if version is None else f'W/"{version}.{digest}"'
    response["ETag"] = etag
    known = parse_etags(request.headers.get("if-none-match", ""))
    if known == ["*"] or etag in known:
        return HttpResponseNotModified(headers=kept_headers(response))
    return response


def kept_headers(response) -> dict:
    """The headers that a 304 repeats."""
    return {n: value for n, value in response.items() if n == "ETag" or n.startswith("RateLimit")}


def chosen(request, parameter, known, wrong) -> list[str]:
    """Parse a comma-separated parameter; unknown names are refused (RequestError)."""
    asked = request.query_params.getlist(parameter)
    names = ",".join(asked).split(",") if asked else []
    if unknown := [name for name in names if name not in known]:
        message = f"« {unknown[0][:80]} » {wrong}"
        raise RequestError([ParameterError(parameter, message, "invalid_choice", known)])
    return names


CURRENCY = "Monnaie d’origine, ISO 4217."


def meanings(**texts) -> dict:
    """Help texts of fields whose model has none, as extra_kwargs of a serializer."""
    return {name: {"help_text": text} for name, text in texts.items()}
