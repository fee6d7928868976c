"""Conventions for programs, read-only, with the filters of the pages."""

from django.db.models import Prefetch
from rest_framework import serializers

from agreements.facets import convention_listing
from agreements.models import Avenant, Convention, Party, State
from cooperation.api import (
    CURRENCY,
    PartialDate,
    PartnerBriefSerializer,
    PublicViewSet,
    RecordSerializer,
    meanings,
)


class PartySerializer(RecordSerializer):
    partner = PartnerBriefSerializer(help_text="Qui est partie.")

    class Meta:
        model = Party
        extra_kwargs = meanings(role="Rôle de la partie ; vide s’il n’est pas connu.")
        fields = ["partner", "role", "note"]


class AvenantSerializer(RecordSerializer):
    class Meta:
        model = Avenant
        extra_kwargs = meanings(
            number="Numéro de l’avenant dans la convention.",
            purpose="Ce que change l’avenant.",
            signed_on="Date de signature, à la précision connue.",
            budget_change="En plus ou en moins, dans « currency ».",
            currency=CURRENCY,
        )
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


class ConventionSerializer(RecordSerializer):
    """Dates are ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14"."""

    state = serializers.ChoiceField(State.choices, help_text="État aujourd’hui.")
    term = PartialDate(
        allow_null=True, help_text="Fin après les avenants signés à ce jour, ou null."
    )
    parties = PartySerializer(many=True, help_text="Parties, avec leur rôle.")
    avenants = AvenantSerializer(many=True, help_text="Avenants publiés, par numéro.")
    themes = serializers.SlugRelatedField(
        "slug", many=True, read_only=True, help_text="Thèmes, par leur « slug »."
    )
    odds = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True, help_text="Objectifs de développement durable, de 1 à 17."
    )
    predecessor = serializers.SlugRelatedField(
        "reference",
        read_only=True,
        allow_null=True,
        help_text="Référence de la convention à laquelle celle-ci fait suite, ou null.",
    )

    class Meta:
        model = Convention
        extra_kwargs = meanings(
            kind="Nature du texte ; vide si elle n’est pas connue.",
            status="Publication : « publie » pour ce que lit un visiteur.",
            signed_on="Date de signature, à la précision connue.",
            starts_on="Date de début, à la précision connue.",
            ends_on="Fin prévue à la signature, à la précision connue.",
        )
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
    about = "Conventions publiées, avec parties, avenants, axes, argent et indicateurs."
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
