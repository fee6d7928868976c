"""What all resources of the API have in common; partners for programs, read-only."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.filters import BaseFilterBackend

from cooperation.facets import partner_listing
from cooperation.fields import PartialDateField
from cooperation.freshness import public_page
from cooperation.listing import Rows
from cooperation.models import Partner, PartnerCode
from cooperation.openapi import FIELDS, PARTIAL_DATE, parameters
from cooperation.problems import ParameterError, RequestError, refuse_strange


class ListingBackend(BaseFilterBackend):
    """The filters, the search and the order of the pages: the view's `listing` reads the address."""

    def filter_queryset(self, request, queryset, view):
        if view.detail:
            refuse_strange(request.query_params, [FIELDS])
            return queryset
        listing = view.listing(request.query_params, request.user)
        paging = (view.paginator.page_query_param, view.paginator.page_size_query_param)
        refuse_strange(
            request.query_params, {FIELDS, *listing.labels_of, *listing.form.fields, *paging}
        )
        if listing.errors:
            raise RequestError(list(parameter_errors(listing)))
        return Rows(listing, queryset)

    def get_schema_operation_parameters(self, view):
        return list(parameters(view.listing(QueryDict(), AnonymousUser())))


def parameter_errors(listing):
    """What makes no sense in the address of a list, with what would."""
    typed = listing.form.errors.as_data()
    for name, _, _, message in listing.errors:
        if name in typed:
            code = typed[name][0].code or "invalid"
            allowed = [value for value, _ in getattr(listing.form.fields[name], "choices", ())]
        else:
            code, allowed = "invalid_choice", listing.labels_of[name]
        yield ParameterError(name, message, code, [value for value in allowed if value])


class PublicViewSet(viewsets.ReadOnlyModelViewSet):
    """Records that all may read: an answer that nothing has changed is a 304, or the one kept.

    `about` says in French what they are.
    """

    filter_backends = (ListingBackend,)

    def dispatch(self, request, *args, **kwargs):
        view = public_page(self.answer) if request.method in ("GET", "HEAD") else self.answer
        return view(request, *args, **kwargs)

    def answer(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs).render()

    def get_serializer(self, *args, **kwargs):
        """With the fields asked for alone: fields=reference,title."""
        serializer = super().get_serializer(*args, **kwargs)
        fields = getattr(serializer, "child", serializer).fields
        if asked := self.request.query_params.getlist(FIELDS):
            names = ",".join(asked).split(",")
            if unknown := [name for name in names if name not in fields]:
                message = f"« {unknown[0][:80]} » n’est pas un champ."
                raise RequestError(
                    [ParameterError(FIELDS, message, "invalid_choice", list(fields))]
                )
            for name in fields.keys() - set(names):
                del fields[name]
        return serializer


@extend_schema_field(PARTIAL_DATE)
class PartialDate(serializers.CharField):
    """A date at the precision known: "2019", "2019-11" or "2019-11-14"."""


class RecordSerializer(serializers.ModelSerializer):
    """Shows partial dates as they are known."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        PartialDateField: PartialDate
    }


CURRENCY = "Monnaie d’origine, ISO 4217."


def meanings(**texts):
    """What fields mean, for those whose model says it too briefly: extra_kwargs of a serializer."""
    return {name: {"help_text": text} for name, text in texts.items()}


PARTNER = meanings(
    slug="Identifiant dans le registre ; ne change jamais.",
    name="Nom officiel.",
    kind="Nature du partenaire ; vide si elle n’est pas connue.",
    country="Pays, ISO 3166 ; vide pour une organisation de plusieurs pays, ou s’il n’est pas connu.",
)


class PartnerCodeSerializer(RecordSerializer):
    class Meta:
        extra_kwargs = meanings(scheme="Liste officielle du code.", code="Code dans cette liste.")
        model = PartnerCode
        fields = ["scheme", "code"]


class PartnerBriefSerializer(RecordSerializer):
    """How other records name a partner."""

    class Meta:
        model = Partner
        extra_kwargs = PARTNER
        fields = ["slug", "name", "kind", "country"]


class PartnerSerializer(RecordSerializer):
    codes = PartnerCodeSerializer(many=True, help_text="Codes officiels.")
    website = serializers.CharField(help_text="Adresse de son site, ou vide.")
    successor = serializers.SlugRelatedField(
        "slug",
        read_only=True,
        allow_null=True,
        help_text="« Slug » du partenaire qui a remplacé celui-ci, ou null.",
    )

    class Meta:
        model = Partner
        extra_kwargs = PARTNER | meanings(
            short_name="Sigle ou nom court.",
            population="Nombre d’habitants, de l’année « population_year ».",
        )
        fields = [
            "slug",
            "name",
            "short_name",
            "aliases",
            "kind",
            "country",
            "departement",
            "codes",
            "successor",
            "website",
            "population",
            "population_year",
            "latitude",
            "longitude",
            "source",
            "updated_at",
        ]


class PartnerViewSet(PublicViewSet):
    queryset = Partner.objects.none()  # names the route; see get_queryset
    serializer_class = PartnerSerializer
    about = "Collectivités, associations, ministères, bailleurs : les partenaires publiés."
    listing = staticmethod(partner_listing)
    lookup_field = "slug"

    def get_queryset(self):
        visible = Partner.objects.visible_to(self.request.user)
        return visible.prefetch_related(Prefetch("successor", visible), "codes")
