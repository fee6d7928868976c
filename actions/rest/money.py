"""With whose money, and what was paid of it, for programs."""

from actions.filters import BudgetLineFilter, DisbursementFilter, InstalmentFilter
from actions.forms import BudgetLineForm
from actions.models import BudgetLine, Disbursement, Instalment
from actions.rest.links import action_link, avenant_link
from agreements.api import ConventionPartSerializer, DaysMixin, settle_line
from cooperation.api import PartnerBriefSerializer, PartnerSerializer
from cooperation.rest.resources import CURRENCY, meanings
from cooperation.rest.serializers import Link, RecordSerializer, links, own_fields, serializer_at
from cooperation.rest.writer import Writable, entered
from cooperation.rest.writing import WritableViewSet


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
        expands_to=lambda: serializer_at("convention-list"),
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
        expands_to=lambda: serializer_at("convention-list"),
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
