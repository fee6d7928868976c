"""Actions, and conventions with their actions and money, for programs; read-only."""

from django.db.models import Prefetch
from rest_framework import serializers

from actions.facets import action_listing
from actions.models import Action, Axis, BudgetLine, Disbursement, Indicator, Measurement
from agreements.api import ConventionSerializer, ConventionViewSet
from agreements.models import Avenant
from cooperation.api import PartnerBriefSerializer, PublicViewSet
from cooperation.models import Partner
from cooperation.money import totals


class DisbursementSerializer(serializers.ModelSerializer):
    class Meta:
        model = Disbursement
        fields = ["paid_on", "amount", "currency", "reference", "source"]


class BudgetLineSerializer(serializers.ModelSerializer):
    """Amounts are decimal strings in their original currency (ISO 4217)."""

    action = serializers.SlugRelatedField(
        "reference", read_only=True, help_text="Null where the amount is the whole convention’s."
    )
    funder = PartnerBriefSerializer()
    disbursements = DisbursementSerializer(many=True)

    class Meta:
        model = BudgetLine
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


class MeasurementSerializer(serializers.ModelSerializer):
    place = serializers.SlugRelatedField("slug", read_only=True)

    class Meta:
        model = Measurement
        fields = ["value", "measured_on", "sex", "place", "source"]


class IndicatorSerializer(serializers.ModelSerializer):
    """Values are decimal strings in `unit`; `progress` is in per cent of the way to the target."""

    action = serializers.SlugRelatedField("reference", read_only=True)
    progress = serializers.IntegerField(allow_null=True)
    measurements = MeasurementSerializer(many=True)

    class Meta:
        model = Indicator
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


class ActionSerializer(serializers.ModelSerializer):
    """Dates are ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14"."""

    convention = serializers.SlugRelatedField("reference", read_only=True)
    axis = serializers.CharField(source="axis.title", default=None)
    places = serializers.SlugRelatedField(
        "slug", many=True, read_only=True, help_text="Slugs of communes."
    )
    implementers = serializers.SlugRelatedField("slug", many=True, read_only=True)
    budget_lines = BudgetLineSerializer(many=True)
    indicators = IndicatorSerializer(many=True)

    class Meta:
        model = Action
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


class AxisSerializer(serializers.ModelSerializer):
    added_by = serializers.SlugRelatedField(
        "number", read_only=True, help_text="Number of the avenant that added the axis."
    )

    class Meta:
        model = Axis
        fields = ["number", "title", "added_by"]


class TotalSerializer(serializers.Serializer):
    """A sum of planned amounts in one currency, with its parts by nature."""

    currency = serializers.CharField(help_text="ISO 4217.")
    amount = serializers.DecimalField(max_digits=20, decimal_places=2)
    parts = serializers.DictField(
        child=serializers.DecimalField(max_digits=20, decimal_places=2),
        help_text="Amount by nature; the empty key where the source does not say.",
    )


class FullConventionSerializer(ConventionSerializer):
    """A convention with what this app adds to it."""

    axes = AxisSerializer(many=True)
    actions = serializers.SlugRelatedField(
        "reference", many=True, read_only=True, help_text="References of its actions."
    )
    budget_lines = BudgetLineSerializer(many=True)
    indicators = IndicatorSerializer(many=True)
    totals = serializers.SerializerMethodField()

    class Meta(ConventionSerializer.Meta):
        fields = [
            *ConventionSerializer.Meta.fields,
            "axes",
            "actions",
            "budget_lines",
            "totals",
            "indicators",
        ]

    def get_totals(self, convention) -> list[dict]:
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
