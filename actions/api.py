"""Actions for programs, read-only, with the filters of the pages."""

from django.db.models import Prefetch
from rest_framework import serializers, viewsets

from actions.filters import ActionFilter
from actions.models import Action, BudgetLine, Disbursement
from cooperation.api import PartnerBriefSerializer
from cooperation.models import Partner


class DisbursementSerializer(serializers.ModelSerializer):
    class Meta:
        model = Disbursement
        fields = ["paid_on", "amount", "currency", "reference", "source"]


class BudgetLineSerializer(serializers.ModelSerializer):
    """Amounts are decimal strings in their original currency (ISO 4217)."""

    funder = PartnerBriefSerializer()
    disbursements = DisbursementSerializer(many=True)

    class Meta:
        model = BudgetLine
        fields = [
            "label",
            "funder",
            "year",
            "nature",
            "amount",
            "currency",
            "disbursements",
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
            "source",
            "updated_at",
        ]


class ActionViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Action.objects.none()  # names the route; see get_queryset
    serializer_class = ActionSerializer
    filterset_class = ActionFilter
    lookup_field = "reference"

    def get_queryset(self):
        visible = Action.objects.visible_to(self.request.user)
        partners = Partner.objects.visible_to(self.request.user)
        return visible.select_related("convention", "axis").prefetch_related(
            Prefetch("places", partners),
            Prefetch("implementers", partners),
            Prefetch("budget_lines__funder", partners),
            "budget_lines__disbursements",
        )
