"""Conventions for programs, read-only, with the filters of the pages."""

from django.db.models import Prefetch
from rest_framework import serializers

from agreements.facets import convention_listing
from agreements.models import Avenant, Convention, Party
from cooperation.api import PartnerBriefSerializer, PublicViewSet


class PartySerializer(serializers.ModelSerializer):
    partner = PartnerBriefSerializer()

    class Meta:
        model = Party
        fields = ["partner", "role", "note"]


class AvenantSerializer(serializers.ModelSerializer):
    class Meta:
        model = Avenant
        fields = [
            "number",
            "purpose",
            "signed_on",
            "starts_on",
            "ends_on",
            "budget_change",
            "currency",
            "source",
        ]


class ConventionSerializer(serializers.ModelSerializer):
    """Dates are ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14"."""

    state = serializers.CharField(help_text="State today.")
    term = serializers.CharField(help_text="End after the avenants signed by today, or null.")
    parties = PartySerializer(many=True)
    avenants = AvenantSerializer(many=True)
    themes = serializers.SlugRelatedField("slug", many=True, read_only=True)
    odds = serializers.PrimaryKeyRelatedField(many=True, read_only=True, help_text="SDG numbers.")
    predecessor = serializers.SlugRelatedField(
        "reference", read_only=True, help_text="Reference of the convention that this one follows."
    )

    class Meta:
        model = Convention
        fields = [
            "reference",
            "title",
            "kind",
            "status",
            "state",
            "signed_on",
            "starts_on",
            "ends_on",
            "term",
            "duration_months",
            "partnership_since",
            "objectives",
            "parties",
            "avenants",
            "themes",
            "odds",
            "predecessor",
            "note",
            "source",
            "updated_at",
        ]


class ConventionViewSet(PublicViewSet):
    queryset = Convention.objects.none()  # names the route; see get_queryset
    serializer_class = ConventionSerializer
    listing = staticmethod(convention_listing)
    lookup_field = "reference"

    def get_queryset(self):
        user = self.request.user
        visible = Convention.objects.visible_to(user).with_term().defer("search_text")
        return visible.prefetch_related(
            Prefetch("predecessor", Convention.objects.visible_to(user)),
            Prefetch("avenants", Avenant.objects.visible_to(user)),
            "parties__partner",
            "themes",
            "odds",
        )
