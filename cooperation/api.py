"""What all resources of the API have in common; partners for programs, read-only."""

from django.db.models import Prefetch
from rest_framework import serializers, viewsets
from rest_framework.filters import BaseFilterBackend

from cooperation.facets import partner_listing
from cooperation.freshness import public_page
from cooperation.listing import MOST_CHOSEN, Rows
from cooperation.models import Partner, PartnerCode
from cooperation.problems import ParameterError, RequestError, refuse_unknown


class ListingBackend(BaseFilterBackend):
    """The filters, the search and the order of the pages: the view's `listing` reads the address."""

    def filter_queryset(self, request, queryset, view):
        if view.detail:
            refuse_unknown(request.query_params, ())
            return queryset
        listing = view.listing(request.query_params, request.user)
        paging = (view.paginator.page_query_param, view.paginator.page_size_query_param)
        refuse_unknown(request.query_params, {*listing.labels_of, *listing.form.fields, *paging})
        if listing.errors:
            raise RequestError(list(parameter_errors(listing)))
        return Rows(listing, queryset)


def parameter_errors(listing):
    """What makes no sense in the address of a list, with what would."""
    typed = listing.form.errors.as_data()
    for name, _, _, message in listing.errors:
        if name in typed:
            code = typed[name][0].code or "invalid"
            allowed = [value for value, _ in getattr(listing.form.fields[name], "choices", ())]
        else:
            is_many = len(listing.data.getlist(name)) > MOST_CHOSEN
            code, allowed = "too_many" if is_many else "invalid_choice", listing.labels_of[name]
        yield ParameterError(name, message, code, [value for value in allowed if value])


class PublicViewSet(viewsets.ReadOnlyModelViewSet):
    """Records that all may read: an answer that nothing has changed is a 304, or the one kept."""

    filter_backends = (ListingBackend,)

    def dispatch(self, request, *args, **kwargs):
        view = public_page(self.answer) if request.method in ("GET", "HEAD") else self.answer
        return view(request, *args, **kwargs)

    def answer(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs).render()


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


class PartnerViewSet(PublicViewSet):
    queryset = Partner.objects.none()  # names the route; see get_queryset
    serializer_class = PartnerSerializer
    listing = staticmethod(partner_listing)
    lookup_field = "slug"

    def get_queryset(self):
        visible = Partner.objects.visible_to(self.request.user)
        return visible.prefetch_related(Prefetch("successor", visible), "codes")
