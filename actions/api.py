"""Actions, their money and their results for programs; conventions with all of it."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from actions.facets import action_listing
from actions.filters import (
    AxisFilter,
    BudgetLineFilter,
    DisbursementFilter,
    IndicatorFilter,
    InstalmentFilter,
    MeasurementFilter,
)
from actions.forms import BudgetLineForm
from actions.models import (
    Action,
    Axis,
    BudgetLine,
    Disbursement,
    Indicator,
    Instalment,
    Measurement,
)
from actions.models.results import progress_between
from agreements.api import (
    AvenantRecordSerializer,
    ConventionPartSerializer,
    ConventionSerializer,
    DaysMixin,
    settle_line,
)
from agreements.facets import convention_listing
from agreements.forms import DocumentedForm
from agreements.models import Convention
from cooperation.api import ArrondissementSerializer, PartnerBriefSerializer, PartnerSerializer
from cooperation.rest.resources import CURRENCY, meanings
from cooperation.rest.serializers import Link, RecordSerializer, links, own_fields, page_address
from cooperation.rest.writer import Writable, entered
from cooperation.rest.writing import PublishedViewSet, WritableViewSet
from cooperation.values.money import totals


class InstalmentSerializer(RecordSerializer):
    class Meta:
        model = Instalment
        extra_kwargs = meanings(
            amount="Montant attendu, dans la monnaie de la ligne.",
            expected_on="Date prévue, à la précision connue, ou null.",
            condition="Ce dont le versement dépend, en texte.",
        )
        fields = ["uid", *own_fields(Instalment), "source"]


class DisbursementSerializer(RecordSerializer):
    payee = Link(
        "slug", expands_to=lambda: PartnerSerializer, allow_null=True, help_text="Payé à, ou null."
    )
    instalment = Link(
        "uid",
        expands_to=lambda: InstalmentRecordSerializer,
        allow_null=True,
        help_text="Identifiant de l’échéance que le versement règle, ou null.",
    )

    class Meta:
        model = Disbursement
        extra_kwargs = meanings(
            kind="Versé par le financeur, ou dépensé sur place ; les totaux payés comptent le versé.",
            paid_on="Date du paiement, à la précision connue.",
            amount="Montant payé, dans « currency ».",
            currency=CURRENCY,
            reference="Numéro du paiement, tel que la source le donne.",
        )
        fields = ["uid", *own_fields(Disbursement), "payee", "instalment", "source"]


def action_link() -> Link:
    return Link(
        "reference",
        expands_to=lambda: ActionSerializer,
        allow_null=True,
        help_text="Référence de l’action ; null si la ligne vaut pour toute la convention.",
    )


def avenant_link(help_text) -> Link:
    return Link(
        "uid",
        expands_to=lambda: AvenantRecordSerializer,
        allow_null=True,
        help_text=help_text,
    )


class BudgetLineSerializer(RecordSerializer):
    """Amounts are decimal strings in their original currency (ISO 4217)."""

    action = action_link()
    funder = PartnerBriefSerializer(allow_null=True, help_text="Qui donne, ou null.")
    through = Link(
        "slug",
        expands_to=lambda: PartnerSerializer,
        allow_null=True,
        help_text="Par qui l’argent passe, ou null.",
    )
    joint_funders = links(
        "slug",
        expands_to=lambda: PartnerSerializer,
        help_text="Qui donne ensemble avec « funder », sans part connue, par « slug ».",
    )
    also_for = links(
        "reference",
        expands_to=lambda: FullConventionSerializer,
        help_text="Autres conventions que le montant sert, par référence.",
    )
    included_in = Link(
        "uid",
        expands_to=lambda: BudgetLineRecordSerializer,
        allow_null=True,
        help_text="Identifiant de la ligne dont celle-ci est une partie, ou null.",
    )
    set_by = avenant_link("Identifiant de l’avenant publié qui fixe le montant, ou null.")
    superseded_by = avenant_link(
        "Identifiant de l’avenant depuis lequel il ne compte plus, ou null."
    )
    instalments = InstalmentSerializer(many=True, help_text="Ce qui est attendu sur la ligne.")
    disbursements = DisbursementSerializer(many=True, help_text="Ce qui a été payé sur la ligne.")

    class Meta:
        model = BudgetLine
        extra_kwargs = meanings(
            label="Ce que paie la ligne.",
            year="Année du montant, ou la première ; null s’il vaut pour toute la durée.",
            last_year="Dernière année du montant, ou null.",
            amount="Montant prévu, dans « currency » ; le moindre si « most » en donne un autre.",
            most="Montant le plus haut, si le texte dit de tant à tant ; ou null.",
            currency=CURRENCY,
            span="Par an, à ce jour ; vide pour le montant entier.",
            exactness="Environ, en moyenne ; vide s’il est exact.",
            standing="Ce qu’est ce montant ; les totaux comptent ce qui est accordé, ou sans précision.",
            origin="Dispositif d’où vient l’argent ; vide s’il n’est pas connu.",
            equivalent="Le même montant dans une autre monnaie selon le texte, ou null ; jamais compté.",
            equivalent_currency="Monnaie de « equivalent », ou vide.",
            counted_amount="Ce que tout total en compte, dans « currency », ou null.",
        )
        fields = [
            "uid",
            *own_fields(BudgetLine),
            "counted_amount",
            "action",
            "funder",
            "joint_funders",
            "through",
            "also_for",
            "included_in",
            "set_by",
            "superseded_by",
            "instalments",
            "disbursements",
            "source",
        ]


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


class BudgetLineRecordSerializer(ConventionPartSerializer, BudgetLineSerializer):
    class Meta(BudgetLineSerializer.Meta):
        fields = [*BudgetLineSerializer.Meta.fields, *ConventionPartSerializer.Meta.fields]


class BudgetLineViewSet(DaysMixin, WritableViewSet):
    writable = Writable(
        entered(BudgetLine, without=["convention", "action"]),
        whole=("convention", "action"),
        form=BudgetLineForm,
        settle=settle_line,
    )
    queryset = BudgetLine.objects.none()
    serializer_class = BudgetLineRecordSerializer
    about = "Lignes budgétaires : qui donne combien, pour quoi, avec ce qui a été payé."
    filterset_class = BudgetLineFilter


class OfBudgetLineSerializer(RecordSerializer):
    budget_line = Link(
        "uid",
        expands_to=lambda: BudgetLineRecordSerializer,
        help_text="Identifiant de la ligne budgétaire.",
    )
    convention = Link(
        "reference",
        source="budget_line.convention",
        expands_to=lambda: FullConventionSerializer,
        help_text="Référence de la convention.",
    )

    class Meta:
        fields = ["budget_line", "convention", "version", "updated_at"]


class InstalmentRecordSerializer(OfBudgetLineSerializer, InstalmentSerializer):
    class Meta(InstalmentSerializer.Meta):
        fields = [*InstalmentSerializer.Meta.fields, *OfBudgetLineSerializer.Meta.fields]


class InstalmentViewSet(DaysMixin, WritableViewSet):
    writable = Writable(entered(Instalment, without=["budget_line"]), whole=("budget_line",))
    queryset = Instalment.objects.none()
    serializer_class = InstalmentRecordSerializer
    about = "Échéances de versement : ce qui est attendu sur une ligne, quand, à quelle condition."
    filterset_class = InstalmentFilter


class DisbursementRecordSerializer(OfBudgetLineSerializer, DisbursementSerializer):
    class Meta(DisbursementSerializer.Meta):
        fields = [*DisbursementSerializer.Meta.fields, *OfBudgetLineSerializer.Meta.fields]


class DisbursementViewSet(DaysMixin, WritableViewSet):
    writable = Writable(entered(Disbursement, without=["budget_line"]), whole=("budget_line",))
    queryset = Disbursement.objects.none()
    serializer_class = DisbursementRecordSerializer
    about = "Décaissements : ce qui a vraiment été payé, et sur quelle ligne."
    filterset_class = DisbursementFilter


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
        expands_to=lambda: FullConventionSerializer,
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
