"""What the actions and conventions gave, as it is measured, for programs."""

from decimal import Decimal

from rest_framework import serializers

from actions.filters import IndicatorFilter, MeasurementFilter
from actions.models import Indicator, Measurement
from actions.models.results import progress_between
from actions.rest.links import action_link
from agreements.api import ConventionPartSerializer, DaysMixin, settle_line
from cooperation.api import PartnerSerializer
from cooperation.rest.resources import meanings
from cooperation.rest.serializers import Link, RecordSerializer, own_fields, serializer_at
from cooperation.rest.writer import Writable, entered
from cooperation.rest.writing import WritableViewSet


class MeasurementSerializer(RecordSerializer):
    place = Link(
        "slug",
        expands_to=lambda: PartnerSerializer,
        allow_null=True,
        help_text="Commune mesurée ; null pour toutes.",
    )

    class Meta:
        model = Measurement
        extra_kwargs = meanings(
            value="Valeur mesurée, dans l’unité de l’indicateur.",
            measured_on="Date de la mesure, à la précision connue, ou null.",
            sex="Sexe des personnes comptées ; vide pour toutes.",
        )
        fields = ["uid", *own_fields(Measurement), "place", "source"]


class IndicatorSerializer(RecordSerializer):
    """Values are decimal strings in `unit`; `progress` is in per cent of the way to the target."""

    action = action_link()
    progress = serializers.IntegerField(
        allow_null=True, help_text="Part du chemin entre départ et cible, en pour cent entiers."
    )
    measurements = MeasurementSerializer(many=True, help_text="Valeurs mesurées, par date.")

    derived = {"progress": ("baseline", "target", "measurements")}

    class Meta:
        model = Indicator
        extra_kwargs = meanings(
            name="Ce qui est mesuré.",
            unit="Unité des valeurs : ménages, hectares, %…",
            baseline="Valeur de départ, dans « unit », ou null.",
            baseline_on="Date de la valeur de départ, à la précision connue, ou null.",
            target="Valeur visée, dans « unit », ou null.",
            target_on="Échéance de la cible, à la précision connue, ou null.",
        )
        fields = ["uid", *own_fields(Indicator), "action", "progress", "measurements", "source"]

    @staticmethod
    def derive_progress(row) -> int | None:
        """Of the last value for everybody and everywhere, as on the page."""
        whole = [one for one in row["measurements"] if not one["sex"] and one["place"] is None]
        if not whole:
            return None
        baseline, target = (row[name] and Decimal(row[name]) for name in ("baseline", "target"))
        return progress_between(baseline, target, Decimal(whole[-1]["value"]))


class IndicatorRecordSerializer(ConventionPartSerializer, IndicatorSerializer):
    class Meta(IndicatorSerializer.Meta):
        fields = [*IndicatorSerializer.Meta.fields, *ConventionPartSerializer.Meta.fields]


class MeasurementRecordSerializer(MeasurementSerializer):
    indicator = Link(
        "uid",
        expands_to=lambda: IndicatorRecordSerializer,
        help_text="Identifiant de l’indicateur.",
    )
    convention = Link(
        "reference",
        source="indicator.convention",
        expands_to=lambda: serializer_at("convention-list"),
        help_text="Référence de la convention.",
    )

    class Meta(MeasurementSerializer.Meta):
        own = ["indicator", "convention", "version", "updated_at"]
        fields = [*MeasurementSerializer.Meta.fields, *own]


class MeasurementViewSet(DaysMixin, WritableViewSet):
    writable = Writable(entered(Measurement, without=["indicator"]), whole=("indicator",))
    queryset = Measurement.objects.none()
    serializer_class = MeasurementRecordSerializer
    about = "Valeurs mesurées des indicateurs, avec leur date et leur source."
    filterset_class = MeasurementFilter


class IndicatorViewSet(DaysMixin, WritableViewSet):
    writable = Writable(
        entered(Indicator, without=["convention", "action"]),
        whole=("convention", "action"),
        settle=settle_line,
    )
    queryset = Indicator.objects.none()
    serializer_class = IndicatorRecordSerializer
    about = "Indicateurs de résultat, avec leurs valeurs datées."
    filterset_class = IndicatorFilter
