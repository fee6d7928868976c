"""With whose money: what is planned, and what of it counts."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Cast, Round

from actions.models.actions import Action, ConventionOrActionPart, ConventionPart
from agreements.models import Avenant, Convention, ConventionPartQuerySet
from cooperation.models import Partner
from cooperation.records.base import Identified, linked_index
from cooperation.records.gates import Status
from cooperation.values.fields import (
    POSITIVE,
    YEAR_BOUNDS,
    AmountField,
    CurrencyField,
)
from cooperation.values.money import (
    COUNTED,
    Exactness,
    Nature,
    Origin,
    Span,
    Standing,
    format_money,
    totals,
)


def totals_of(groups, amount="amount") -> list:
    """money.totals of the `amount` of rows grouped by currency and nature."""
    rows = groups.annotate(cents=sum_in_cents(amount))
    return totals((currency, nature, Decimal(cents) / 100) for currency, nature, cents in rows)


def sum_in_cents(amount="amount") -> models.Sum:
    """Of whole cents: SQLite would add decimals as floating-point numbers."""
    return models.Sum(Cast(Round(F(amount) * 100), models.BigIntegerField()))


def single_years(span, year, last_year) -> list[int]:
    """The years for each of which an amount is given; none where it is for all together."""
    if span == Span.EACH_YEAR:
        return list(range(year, last_year + 1)) if last_year else []
    return [year] if year and last_year in (None, year) else []


class BudgetLineQuerySet(ConventionPartQuerySet):
    def counted(self) -> QuerySet:
        """Those that totals add."""
        return self.filter(counted_amount__isnull=False)

    def serving(self, keys) -> QuerySet:
        """Each line of the conventions so numbered, and each that they share with others, once."""
        keys = list(keys)
        links = BudgetLine.also_for.through.objects.filter(convention__pk__among=keys)
        shared = Q(pk__in=links.values("budgetline"), convention__status=Status.PUBLISHED)
        return self.filter(Q(convention__pk__among=keys) | shared)

    def totals(self) -> list:
        """Planned amounts that count, summed per currency and nature (money.Total)."""
        counted = self.counted().order_by().values_list("currency", "nature")
        return totals_of(counted, "counted_amount")


# Why a line stands beside a total: the only conditions under which none is added for it.
BESIDE = (
    ~Q(standing__in=COUNTED)
    | Q(included_in__isnull=False)
    | Q(superseded_by__isnull=False)
    | Q(most__isnull=False)
    | Q(span=Span.SO_FAR)
    | Q(span=Span.EACH_YEAR, last_year__isnull=True)
)


class BudgetLine(Identified, ConventionOrActionPart, ConventionPart):
    """One funder's money for a convention or for one of its actions.

    `counted_amount` is what every total adds of it, in its currency: the amount, or as many times a
    yearly one as the years that it names; none where it is asked, refused or estimated, part of another
    line, a range, « à ce jour », yearly for years that nobody says, or replaced by an avenant. A line that
    several conventions share is a line of one, and is counted once in every total.
    """

    convention = models.ForeignKey(
        Convention,
        verbose_name="convention",
        on_delete=models.PROTECT,
        related_name="budget_lines",
    )
    action = models.ForeignKey(
        Action,
        verbose_name="action",
        on_delete=models.PROTECT,
        related_name="budget_lines",
        db_index=False,
        null=True,
        blank=True,
        help_text="Vide si le montant vaut pour toute la convention. "
        "Un montant ne se saisit qu’à un seul niveau : les lignes s’additionnent.",
    )
    label = models.CharField("libellé", max_length=200, blank=True)
    funder = models.ForeignKey(
        Partner,
        verbose_name="financeur",
        on_delete=models.PROTECT,
        related_name="budget_lines",
        null=True,
        blank=True,
        help_text="Vide s’il n’est pas connu.",
    )
    through = models.ForeignKey(
        Partner,
        verbose_name="à travers",
        on_delete=models.PROTECT,
        related_name="budget_lines_passed",
        db_index=False,
        null=True,
        blank=True,
        help_text="Par qui l’argent passe : un programme, une association.",
    )
    year = models.PositiveSmallIntegerField(
        "année",
        null=True,
        blank=True,
        validators=YEAR_BOUNDS,
        help_text="Vide si le montant vaut pour toute la durée.",
    )
    last_year = models.PositiveSmallIntegerField(
        "dernière année",
        null=True,
        blank=True,
        validators=YEAR_BOUNDS,
        help_text="Si le montant vaut pour plusieurs années.",
    )
    nature = models.CharField(
        "nature",
        max_length=20,
        choices=Nature,
        blank=True,
        help_text="Numéraire ou valorisation ; vide si elle n’est pas connue.",
    )
    amount = AmountField("montant prévu", validators=[POSITIVE])
    most = AmountField(
        "au plus",
        null=True,
        blank=True,
        help_text="Si le texte dit de tant à tant : montré à côté du total, pas compté dedans.",
    )
    currency = CurrencyField("monnaie")
    span = models.CharField(
        "pour quelle durée",
        max_length=20,
        choices=Span,
        blank=True,
        help_text="Par an : compté pour chaque année, de la première à la dernière. À ce jour : montré "
        "à côté du total. Vide : le montant entier.",
    )
    exactness = models.CharField(
        "à quel point",
        max_length=20,
        choices=Exactness,
        blank=True,
        help_text="Vide si le montant est exact.",
    )
    standing = models.CharField(
        "ce qu’est ce montant",
        max_length=20,
        choices=Standing,
        blank=True,
        help_text="Demandé, refusé ou estimé : montré à côté du total, pas compté dedans.",
    )
    origin = models.CharField(
        "origine",
        max_length=20,
        choices=Origin,
        blank=True,
        help_text="Le dispositif d’où vient l’argent, s’il est connu.",
    )
    equivalent = AmountField(
        "équivalent selon le texte",
        currency_in="equivalent_currency",
        null=True,
        blank=True,
        validators=[POSITIVE],
        help_text="Le même montant dans une autre monnaie, tel que le texte l’écrit : jamais compté.",
    )
    equivalent_currency = CurrencyField("monnaie de l’équivalent", blank=True)
    included_in = models.ForeignKey(
        "self",
        verbose_name="compris dans",
        on_delete=models.PROTECT,
        related_name="parts",
        db_index=False,
        null=True,
        blank=True,
        help_text="La ligne dont ce montant est une partie (« dont ») : il n’est pas compté deux fois.",
    )
    joint_funders = models.ManyToManyField(
        Partner,
        verbose_name="ensemble avec",
        related_name="budget_lines_joined",
        blank=True,
        help_text="Qui donne ce montant avec le financeur, sans que le texte dise la part de chacun.",
    )
    also_for = models.ManyToManyField(
        Convention,
        verbose_name="vaut aussi pour",
        related_name="shared_lines",
        blank=True,
        help_text="Les autres conventions que ce montant sert : montré dans chacune, compté une seule "
        "fois dans tout total.",
    )
    set_by = models.ForeignKey(
        Avenant,
        verbose_name="fixé par l’avenant",
        on_delete=models.PROTECT,
        related_name="set_lines",
        db_index=False,
        null=True,
        blank=True,
        help_text="Si ce montant détaille le nouveau total d’un avenant publié.",
    )
    superseded_by = models.ForeignKey(
        Avenant,
        verbose_name="remplacé par l’avenant",
        on_delete=models.PROTECT,
        related_name="superseded_lines",
        db_index=False,
        null=True,
        editable=False,
        help_text="L’avenant depuis lequel ce montant ne compte plus.",
    )
    counted_amount = AmountField("montant compté", null=True, editable=False)

    objects = BudgetLineQuerySet.as_manager()

    terms = (
        "convention",
        "action",
        "label",
        "funder",
        "through",
        "year",
        "last_year",
        "nature",
        "amount",
        "most",
        "currency",
        "span",
        "exactness",
        "standing",
        "origin",
        "equivalent",
        "equivalent_currency",
        "included_in",
        "joint_funders",
        "also_for",
        "set_by",
    )
    derived_fields = ["counted_amount"]
    _history_m2m_fields = ["joint_funders", "also_for"]

    class Meta:
        verbose_name = "ligne budgétaire"
        verbose_name_plural = "lignes budgétaires"
        ordering = ["convention", "pk"]
        indexes = [
            linked_index("action", "budgetline_of_action"),
            linked_index("through", "budgetline_through"),
            linked_index("included_in", "budgetline_included_in"),
            linked_index("set_by", "budgetline_set_by"),
            linked_index("superseded_by", "budgetline_superseded_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="budgetline_amount_positive",
                violation_error_message="Le montant doit être supérieur à zéro.",
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most__gt=F("amount")),
                name="budgetline_most_above_amount",
                violation_error_message="« Au plus » doit dépasser le montant.",
            ),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True)
                | Q(year__isnull=False, last_year__gte=F("year")),
                name="budgetline_years_in_order",
                violation_error_message="La dernière année demande une première, qui ne la suit pas.",
            ),
            models.CheckConstraint(
                condition=Q(equivalent__isnull=True, equivalent_currency="")
                | (Q(equivalent__gt=0) & ~Q(equivalent_currency__in=["", F("currency")])),
                name="budgetline_equivalent_in_other_currency",
                violation_error_message="Un équivalent se donne avec sa monnaie, qui est une autre que "
                "celle du montant.",
            ),
            models.CheckConstraint(
                condition=BESIDE & Q(counted_amount__isnull=True)
                | ~BESIDE & Q(counted_amount__isnull=False, counted_amount__gte=F("amount")),
                name="budgetline_counted_or_beside",
            ),
        ]

    def __str__(self):
        return f"{self.label or 'budget'} : {self.amount_label}"

    @property
    def amount_label(self) -> str:
        """« 20 854 € », « entre 150 000 € et 180 000 € par an », « environ 15 000 € à ce jour »."""
        amounts = [format_money(one, self.currency) for one in (self.amount, self.most) if one]
        told = f"entre {' et '.join(amounts)}" if self.most else amounts[0]
        words = (self.get_exactness_display(), told, self.get_span_display())
        return " ".join(word for word in words if word)

    @property
    def years(self) -> str:
        """« 2017 », « 2017 – 2019 », or "" for the whole term."""
        return " – ".join(str(year) for year in (self.year, self.last_year) if year)

    @property
    def single_years(self) -> list[int]:
        return single_years(self.span, self.year, self.last_year)

    @property
    def funder_label(self) -> str:
        """« Crosne et l’Essonne, ensemble, à travers Eau vive »; "" where nobody is known."""
        names = [one.brief for one in (self.funder, *self.joint_funders.all()) if one]
        told = " et ".join(", ".join(some) for some in (names[:-1], names[-1:]) if some)
        together = "ensemble" if len(names) > 1 else ""
        through = f"à travers {self.through.brief}" if self.through else ""
        return ", ".join(part for part in (told, together, through) if part)

    @property
    def equivalent_label(self) -> str:
        return format_money(self.equivalent, self.equivalent_currency) if self.equivalent else ""

    @property
    def is_counted(self) -> bool:
        return self.counted_amount is not None

    @property
    def unpaid(self) -> Decimal | None:
        """What is left to be paid of it, in its currency; None where payments in another one hide it."""
        paid = self.disbursements.paid()
        if paid.exclude(currency=self.currency).exists():
            return None
        whole = self.counted_amount or self.amount
        return whole - sum(paid.values_list("amount", flat=True), Decimal(0))

    @property
    def beside(self) -> str:
        """In words, why no total adds it, where its amount does not say so itself."""
        if self.included_in:
            return f"compris dans « {self.included_in} »"
        if self.superseded_by:
            fell = self.superseded_by_id == self.set_by_id
            return (
                f"l’{self.set_by} ne compte plus"
                if fell
                else f"remplacé par l’{self.superseded_by}"
            )
        return "" if self.standing in COUNTED else self.get_standing_display()

    @property
    def year_count(self) -> int | None:
        """How many times the amount is given; None where it is yearly for years that nobody says."""
        if self.span != Span.EACH_YEAR:
            return 1
        return self.last_year and self.last_year - self.year + 1

    def prepare(self) -> bool:
        super().prepare()
        apart = self.standing not in COUNTED or self.included_in_id or self.superseded_by_id
        apart = apart or self.most is not None
        counted = None if apart or self.span == Span.SO_FAR else self.year_count
        self.counted_amount = counted and Decimal(self.amount) * counted
        return True

    def clean(self) -> None:
        super().clean()
        convention = (self.action or self).convention_id
        if self.set_by and self.set_by.convention_id != convention:
            raise ValidationError({"set_by": "Cet avenant est celui d’une autre convention."})
        if self.set_by and not self.set_by.is_published:
            raise ValidationError({"set_by": "Publiez d’abord cet avenant."})
        whole = self.included_in
        if whole is None:
            return
        if whole.convention_id != convention or whole.pk == self.pk:
            message = "Choisissez une autre ligne de la même convention."
        elif whole.included_in_id or (self.pk and self.parts.exists()):
            message = "Une ligne qui est comprise dans une autre n’en comprend pas à son tour."
        elif whole.currency == self.currency and not whole.most and self.amount > whole.amount:
            message = f"La partie dépasse la ligne entière ({whole.amount_label})."
        else:
            return
        raise ValidationError({"included_in": message})
