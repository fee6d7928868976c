"""Indicators of the PONADEC for programs: what was entered, and what the registry counts."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cooperation.lists.filters import PartFilter
from cooperation.rest.resources import PublicViewSet, meanings
from cooperation.rest.serializers import RecordSerializer, own_fields, page_address
from reports.facts.ponadec import YEARS, targets_after, values_of
from workgroup.models import Computed, PonadecIndicator


class PonadecValueSerializer(serializers.Serializer):
    year = serializers.IntegerField(help_text="Année de la valeur et de la cible.")
    value = serializers.DecimalField(
        20, 4, allow_null=True, help_text="Valeur, dans « unit », ou null."
    )
    source = serializers.CharField(help_text="D’où vient la valeur ; vide s’il n’y en a pas.")
    counted = serializers.IntegerField(
        allow_null=True, help_text="D’une part : combien comptent ; ou null."
    )
    among = serializers.IntegerField(
        allow_null=True, help_text="D’une part : parmi combien ; ou null."
    )
    apart = serializers.CharField(help_text="Ce qui n’a pas pu être additionné, en texte.")
    target = serializers.DecimalField(
        20, 4, allow_null=True, help_text="Cible, dans « unit », ou null."
    )
    target_source = serializers.CharField(help_text="D’où vient la cible.")


@extend_schema_field(PonadecValueSerializer(many=True))
class PonadecValues(serializers.ListField):
    """Ten years, the last of them this one; then those to come that have a target."""


class PonadecIndicatorSerializer(RecordSerializer):
    # What nobody types is not declared blank by itself.
    computed = serializers.ChoiceField(
        Computed.choices,
        allow_blank=True,
        help_text="Ce que le registre calcule pour lui ; vide si ses valeurs sont saisies.",
    )
    values = PonadecValues(
        help_text="Dix années, par ordre, puis les cibles à venir. Une valeur calculée change avec les "
        "fiches, sans que l’indicateur lui-même change (« modified_since » ne la suit pas)."
    )
    page = serializers.CharField(help_text="Adresse de sa page, pour les personnes.")

    derived = {"values": ("slug",), "page": ("slug",)}

    class Meta:
        model = PonadecIndicator
        extra_kwargs = meanings(
            slug="Identifiant dans le registre.",
            name="Intitulé.",
            definition="Ce qui est compté, en texte.",
            formula="Calcul, en toutes lettres.",
            unit="Unité des valeurs ; vide pour un nombre de ce que dit l’intitulé.",
            official_source="Texte qui le rend officiel ; vide s’il ne l’est pas.",
        )
        fields = [
            "slug",
            *own_fields(PonadecIndicator),
            "computed",
            "computed_label",
            "values",
            "page",
            "source",
            "updated_at",
        ]

    @staticmethod
    def derive_values(row) -> list[dict]:
        this_year = timezone.localdate().year
        indicator = PonadecIndicator.objects.get(slug=row["slug"])
        values = values_of([indicator], range(this_year - YEARS + 1, this_year + 1))[indicator.pk]
        values += targets_after([indicator], this_year)[indicator.pk]
        return [
            {
                "year": value.year,
                "value": written(value.number),
                "source": value.source,
                "counted": value.parts[0] if value.parts else None,
                "among": value.parts[1] if value.parts else None,
                "apart": value.apart,
                "target": written(value.target),
                "target_source": value.target_source,
            }
            for value in values
        ]

    @staticmethod
    def derive_page(row) -> str:
        return page_address("ponadec_detail", row["slug"])


def written(number) -> str | None:
    """To four decimals, as the API writes every number that is no count."""
    return None if number is None else f"{number:.4f}"


class PonadecFilter(PartFilter):
    class Meta:
        model = PonadecIndicator
        fields = []


class PonadecViewSet(PublicViewSet):
    queryset = PonadecIndicator.objects.none()
    serializer_class = PonadecIndicatorSerializer
    about = "Indicateurs de la PONADEC, année par année, calculés ou saisis avec leur source."
    filterset_class = PonadecFilter
    lookup_field = "slug"
