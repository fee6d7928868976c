"""Actions and axes for programs, and conventions with all that belongs to them."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from actions.facets import action_listing
from actions.filters import AxisFilter
from actions.models import Action, Axis
from actions.rest.links import avenant_link
from actions.rest.money import BudgetLineSerializer
from actions.rest.results import IndicatorSerializer
from agreements.api import ConventionPartSerializer, ConventionSerializer, DaysMixin, settle_line
from agreements.facets import convention_listing
from agreements.forms import DocumentedForm
from agreements.models import Convention
from cooperation.api import ArrondissementSerializer, PartnerSerializer
from cooperation.rest.resources import CURRENCY, meanings
from cooperation.rest.serializers import Link, RecordSerializer, links, own_fields, page_address
from cooperation.rest.writer import Writable, entered
from cooperation.rest.writing import PublishedViewSet, WritableViewSet
from cooperation.values.money import totals


class AxisSerializer(RecordSerializer):
    added_by = avenant_link("Identifiant de l’avenant qui a ajouté l’axe, ou null.")

    class Meta:
        model = Axis
        extra_kwargs = meanings(
            number="Numéro de l’axe dans la convention.", title="Intitulé de l’axe."
        )
        fields = ["uid", *own_fields(Axis), "added_by", "source"]


class ActionSerializer(RecordSerializer):
    """Dates are ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14"."""

    convention = Link(
        "reference",
        expands_to=lambda: FullConventionSerializer,
        help_text="Référence de la convention.",
    )
    axis = Link(
        "uid",
        expands_to=lambda: AxisSerializer,
        allow_null=True,
        help_text="Identifiant de l’axe, ou null.",
    )
    places = links(
        "slug", expands_to=lambda: PartnerSerializer, help_text="Communes, par « slug »."
    )
    arrondissements = links(
        "code",
        expands_to=lambda: ArrondissementSerializer,
        help_text="Arrondissements de ces communes, par « code ».",
    )
    implementers = links(
        "slug", expands_to=lambda: PartnerSerializer, help_text="Qui la réalise, par « slug »."
    )
    budget_lines = BudgetLineSerializer(many=True, help_text="Argent prévu pour cette action.")
    indicators = IndicatorSerializer(many=True, help_text="Résultats mesurés de cette action.")
    page = serializers.CharField(help_text="Adresse de sa page, pour les personnes.")

    derived = {"page": ("reference",)}

    class Meta:
        model = Action
        extra_kwargs = meanings(
            reference="Identifiant dans le registre ; ne change jamais.",
            title="Intitulé de l’action.",
            planned_start="Début prévu, à la précision connue, ou null.",
            planned_end="Fin prévue, à la précision connue, ou null.",
            actual_start="Début réel, à la précision connue, ou null.",
            actual_end="Fin réelle, à la précision connue, ou null.",
            beneficiaries="À qui l’action profite, en texte.",
            place_words="Lieu précis dans ces communes, en texte : village, école…",
            results="Ce que l’action a produit, en texte.",
            difficulties="Ce qui a gêné l’action, en texte.",
            number="Numéro de l’action dans la convention.",
            description="Ce qui se fait, en texte.",
            state="État de l’action ; vide s’il n’est pas connu.",
        )
        fields = [
            "reference",
            "convention",
            "axis",
            *own_fields(Action),
            "places",
            "arrondissements",
            "implementers",
            "budget_lines",
            "indicators",
            "page",
            "source",
            "version",
            "updated_at",
        ]

    @staticmethod
    def derive_page(row) -> str:
        return page_address("action_detail", row["reference"])


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


@extend_schema_field(TotalSerializer(many=True))
class TotalsField(serializers.ListField):
    """One for each currency."""


@extend_schema_serializer(component_name="Convention")
class FullConventionSerializer(ConventionSerializer):
    """A convention with what this app adds to it."""

    axes = AxisSerializer(many=True, help_text="Axes, dans l’ordre de leurs numéros.")
    actions = links(
        "reference", expands_to=lambda: ActionSerializer, help_text="Références de ses actions."
    )
    budget_lines = BudgetLineSerializer(many=True, help_text="Argent prévu, ligne par ligne.")
    shared_lines = BudgetLineSerializer(
        many=True, help_text="Argent que d’autres conventions tiennent et qui sert aussi celle-ci."
    )
    indicators = IndicatorSerializer(many=True, help_text="Résultats mesurés.")
    totals = TotalsField(help_text="Sommes de ce qui se compte de ces lignes, par monnaie.")

    derived = ConventionSerializer.derived | {"totals": ("budget_lines", "shared_lines")}

    class Meta(ConventionSerializer.Meta):
        fields = [
            *ConventionSerializer.Meta.fields,
            "axes",
            "actions",
            "budget_lines",
            "shared_lines",
            "totals",
            "indicators",
        ]

    @staticmethod
    def derive_totals(row) -> list[dict]:
        lines = [*row["budget_lines"], *row["shared_lines"]]
        return [
            {
                "currency": total.currency,
                "amount": str(total.amount),
                "parts": {nature: str(amount) for nature, amount in total.parts.items()},
            }
            for total in totals(
                (line["currency"], line["nature"], Decimal(line["counted_amount"]))
                for line in lines
                if line["counted_amount"] is not None
            )
        ]


class ConventionViewSet(DaysMixin, PublishedViewSet):
    writable = Writable(
        entered(Convention),
        form=DocumentedForm,
        settle=lambda convention, by, is_new: convention.settle(by=by),
    )
    queryset = Convention.objects.none()  # names the route
    serializer_class = FullConventionSerializer
    about = "Conventions publiées, avec parties, avenants, axes, argent et indicateurs."
    listing = staticmethod(convention_listing)
    lookup_field = "reference"


def settle_action(action, by, is_new) -> None:
    action.settle(by)
    settle_line(action, by, is_new)


class ActionViewSet(DaysMixin, WritableViewSet):
    writable = Writable(
        entered(Action, without=["convention"]),
        whole=("convention",),
        settle=settle_action,
    )
    queryset = Action.objects.none()
    serializer_class = ActionSerializer
    about = (
        "Actions des conventions publiées : où, quand, par qui, avec quel argent et quel résultat."
    )
    listing = staticmethod(action_listing)
    lookup_field = "reference"


class AxisRecordSerializer(ConventionPartSerializer, AxisSerializer):
    class Meta(AxisSerializer.Meta):
        fields = [*AxisSerializer.Meta.fields, *ConventionPartSerializer.Meta.fields]


class AxisViewSet(DaysMixin, WritableViewSet):
    writable = Writable(
        entered(Axis, without=["convention"]), whole=("convention",), settle=settle_line
    )
    queryset = Axis.objects.none()
    serializer_class = AxisRecordSerializer
    about = "Axes des conventions publiées : ce qui groupe leurs actions."
    filterset_class = AxisFilter
