"""Partners for programs, read-only, with the filters of the pages."""

from django.db.models import Prefetch
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend

from cooperation.facets import partner_listing
from cooperation.listing import Rows
from cooperation.models import Partner, PartnerCode


class ListingBackend(BaseFilterBackend):
    """The filters, the search and the order of the pages: the view's `listing` reads the address."""

    def filter_queryset(self, request, queryset, view):
        if view.detail:
            return queryset
        listing = view.listing(request.query_params, request.user)
        if listing.errors:
            raise ValidationError({name: [message] for name, _, _, message in listing.errors})
        return Rows(listing, queryset)


class PartnerCodeSerializer(serializers.ModelSerializer):
    class Meta:
        model = PartnerCode
        fields = ["scheme", "code"]


class PartnerBriefSerializer(serializers.ModelSerializer):
    """How other records name a partner."""

    class Meta:
        model = Partner
        fields = ["slug", "name", "kind", "country"]


class PartnerSerializer(serializers.ModelSerializer):
    codes = PartnerCodeSerializer(many=True)
    successor = serializers.SlugRelatedField(
        "slug", read_only=True, help_text="Slug of the partner that replaced this one."
    )

    class Meta:
        model = Partner
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


class PartnerViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Partner.objects.none()  # names the route; see get_queryset
    serializer_class = PartnerSerializer
    filter_backends = (ListingBackend,)
    listing = staticmethod(partner_listing)
    lookup_field = "slug"

    def get_queryset(self):
        visible = Partner.objects.visible_to(self.request.user)
        return visible.prefetch_related(Prefetch("successor", visible), "codes")
