"""Actions, and conventions with their actions and money, for programs; read-only."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from actions.facets import action_listing
from actions.models import Action, Axis, BudgetLine, Disbursement, Indicator, Measurement
from agreements.api import ConventionSerializer, ConventionViewSet
from agreements.models import Avenant
from cooperation.api import (
    CURRENCY,
    PartnerBriefSerializer,
    PublicViewSet,
    RecordSerializer,
    meanings,
)
from cooperation.models import Partner
from cooperation.money import totals


class DisbursementSerializer(RecordSerializer):
    class Meta:
        model = Disbursement
        extra_kwargs = meanings(
            paid_on="Date du paiement, à la précision connue.",
            amount="Montant payé, dans « currency ».",
            currency=CURRENCY,
            reference="Numéro du paiement, tel que la source le donne.",
        )
        fields = ["paid_on", "amount", "currency", "reference", "source"]


class BudgetLineSerializer(RecordSerializer):
    """Amounts are decimal strings in their original currency (ISO 4217)."""

    action = serializers.SlugRelatedField(
        "reference",
        read_only=True,
        allow_null=True,
        help_text="Référence de l’action ; null si le montant est celui de toute la convention.",
    )
    funder = PartnerBriefSerializer(allow_null=True, help_text="Qui donne, ou null.")
    disbursements = DisbursementSerializer(many=True, help_text="Ce qui a été payé sur la ligne.")

    class Meta:
        model = BudgetLine
        extra_kwargs = meanings(
            label="Ce que paie la ligne.",
            year="Année du montant ; null s’il vaut pour toute la durée.",
            amount="Montant prévu, dans « currency ».",
            currency=CURRENCY,
        )
        fields = [
            "label",
            "action",
            "funder",
            "year",
            "nature",
            "amount",
            "currency",
            "disbursements",
            "source",
        ]


class MeasurementSerializer(RecordSerializer):
    place = serializers.SlugRelatedField(
        "slug", read_only=True, allow_null=True, help_text="Commune mesurée ; null pour toutes."
    )

    class Meta:
        model = Measurement
        extra_kwargs = meanings(
            value="Valeur mesurée, dans l’unité de l’indicateur.",
            sex="Sexe des personnes comptées ; vide pour toutes.",
        )
        fields = ["value", "measured_on", "sex", "place", "source"]


class IndicatorSerializer(RecordSerializer):
    """Values are decimal strings in `unit`; `progress` is in per cent of the way to the target."""

    action = serializers.SlugRelatedField(
        "reference",
        read_only=True,
        allow_null=True,
        help_text="Référence de l’action ; null pour un indicateur de toute la convention.",
    )
    progress = serializers.IntegerField(
        allow_null=True, help_text="Part du chemin entre départ et cible, en pour cent entiers."
    )
    measurements = MeasurementSerializer(many=True, help_text="Valeurs mesurées, par date.")

    class Meta:
        model = Indicator
        extra_kwargs = meanings(target="Valeur visée, dans « unit ».")
        fields = [
            "name",
            "unit",
            "action",
            "baseline",
            "baseline_on",
            "target",
            "target_on",
            "progress",
            "measurements",
            "source",
        ]


class ActionSerializer(RecordSerializer):
    """Dates are ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14"."""

    convention = serializers.SlugRelatedField(
        "reference", read_only=True, help_text="Référence de la convention."
    )
    axis = serializers.CharField(
        source="axis.title", default=None, allow_null=True, help_text="Intitulé de l’axe, ou null."
    )
    places = serializers.SlugRelatedField(
        "slug", many=True, read_only=True, help_text="Communes, par leur « slug » de partenaire."
    )
    implementers = serializers.SlugRelatedField(
        "slug", many=True, read_only=True, help_text="Qui la met en œuvre, par leur « slug »."
    )
    budget_lines = BudgetLineSerializer(many=True, help_text="Argent prévu pour cette action.")
    indicators = IndicatorSerializer(many=True, help_text="Résultats mesurés de cette action.")

    class Meta:
        model = Action
        extra_kwargs = meanings(
            number="Numéro de l’action dans la convention.",
            description="Ce qui se fait, en texte.",
            state="État de l’action ; vide s’il n’est pas connu.",
        )
        fields = [
            "reference",
            "convention",
            "axis",
            "number",
            "title",
            "description",
            "places",
            "planned_start",
            "planned_end",
            "actual_start",
            "actual_end",
            "state",
            "progress",
            "implementers",
            "beneficiaries",
            "results",
            "difficulties",
            "budget_lines",
            "indicators",
            "source",
            "updated_at",
        ]


class ActionViewSet(PublicViewSet):
    queryset = Action.objects.none()  # names the route; see get_queryset
    serializer_class = ActionSerializer
    about = (
        "Actions des conventions publiées : où, quand, par qui, avec quel argent et quel résultat."
    )
    listing = staticmethod(action_listing)
    lookup_field = "reference"

    def get_queryset(self):
        visible = Action.objects.visible_to(self.request.user)
        partners = Partner.objects.visible_to(self.request.user)
        return visible.select_related("convention", "axis").prefetch_related(
            Prefetch("places", partners),
            Prefetch("implementers", partners),
            "budget_lines__action",
            Prefetch("budget_lines__funder", partners),
            "budget_lines__disbursements",
            Prefetch("indicators", Indicator.objects.with_measurements()),
            "indicators__action",
        )


class AxisSerializer(RecordSerializer):
    added_by = serializers.SlugRelatedField(
        "number",
        read_only=True,
        allow_null=True,
        help_text="Numéro de l’avenant qui a ajouté l’axe, ou null.",
    )

    class Meta:
        model = Axis
        extra_kwargs = meanings(number="Numéro de l’axe dans la convention.")
        fields = ["number", "title", "added_by"]


class TotalSerializer(serializers.Serializer):
    """A sum of planned amounts in one currency, with its parts by nature."""

    currency = serializers.CharField(help_text=CURRENCY)
    amount = serializers.DecimalField(
        max_digits=20, decimal_places=2, help_text="Somme exacte, dans « currency »."
    )
    parts = serializers.DictField(
        child=serializers.DecimalField(max_digits=20, decimal_places=2),
        help_text="Montant par nature ; clé vide si la source ne la dit pas.",
    )


@extend_schema_serializer(component_name="Convention")
class FullConventionSerializer(ConventionSerializer):
    """A convention with what this app adds to it."""

    axes = AxisSerializer(many=True, help_text="Axes, dans l’ordre de leurs numéros.")
    actions = serializers.SlugRelatedField(
        "reference", many=True, read_only=True, help_text="Références de ses actions."
    )
    budget_lines = BudgetLineSerializer(many=True, help_text="Argent prévu, ligne par ligne.")
    indicators = IndicatorSerializer(many=True, help_text="Résultats mesurés.")
    totals = serializers.SerializerMethodField(help_text="Sommes des lignes, par monnaie.")

    class Meta(ConventionSerializer.Meta):
        fields = [
            *ConventionSerializer.Meta.fields,
            "axes",
            "actions",
            "budget_lines",
            "totals",
            "indicators",
        ]

    @extend_schema_field(TotalSerializer(many=True))
    def get_totals(self, convention):
        lines = convention.budget_lines.all()
        sums = totals((line.currency, line.nature, line.amount) for line in lines)
        return TotalSerializer(sums, many=True).data


class FullConventionViewSet(ConventionViewSet):
    serializer_class = FullConventionSerializer

    def get_queryset(self):
        partners = Partner.objects.visible_to(self.request.user)
        avenants = Avenant.objects.visible_to(self.request.user)
        return (
            super()
            .get_queryset()
            .prefetch_related(
                Prefetch("axes__added_by", avenants),
                "actions",
                "budget_lines__action",
                Prefetch("budget_lines__funder", partners),
                "budget_lines__disbursements",
                Prefetch("indicators", Indicator.objects.with_measurements()),
                "indicators__action",
            )
        )
