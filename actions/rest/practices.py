"""Good practices, for programs."""

from rest_framework import serializers

from actions.filters import GoodPracticeFilter
from actions.models import GoodPractice
from agreements.api import STATUS
from cooperation.api import ThemeSerializer
from cooperation.rest.resources import PublicViewSet, meanings
from cooperation.rest.serializers import (
    Link,
    RecordSerializer,
    links,
    own_fields,
    page_address,
    serializer_at,
)


class GoodPracticeSerializer(RecordSerializer):
    action = Link(
        "reference",
        expands_to=lambda: serializer_at("action-list"),
        help_text="Référence de l’action dont elle est tirée.",
    )
    themes = links("slug", expands_to=lambda: ThemeSerializer, help_text="Thèmes, par « slug ».")
    odds = links("number", help_text="Objectifs de développement durable, de 1 à 17.")
    page = serializers.CharField(help_text="Adresse de sa page, pour les personnes.")

    derived = {"page": ("reference",)}

    class Meta:
        model = GoodPractice
        extra_kwargs = meanings(
            reference="Identifiant dans le registre ; ne change jamais.",
            title="Intitulé de la bonne pratique.",
            context="Contexte, en texte.",
            approach="Démarche, en texte.",
            results="Résultats, en texte.",
            conditions="Conditions pour la reprendre, en texte.",
            status=STATUS,
        )
        fields = [
            "reference",
            *own_fields(GoodPractice),
            "status",
            "status_label",
            "action",
            "themes",
            "odds",
            "page",
            "source",
            "updated_at",
        ]

    @staticmethod
    def derive_page(row) -> str:
        return page_address("practice_detail", row["reference"])


class GoodPracticeViewSet(PublicViewSet):
    queryset = GoodPractice.objects.none()
    serializer_class = GoodPracticeSerializer
    about = "Bonnes pratiques tirées d’actions : contexte, démarche, résultats, conditions."
    filterset_class = GoodPracticeFilter
    lookup_field = "reference"
