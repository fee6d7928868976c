"""Conventions for programs, with who is in them and what changes them."""

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from agreements.filters import AvenantFilter, LegalStepFilter, OfConventionFilter, PartyFilter
from agreements.forms import DocumentedForm
from agreements.models import (
    LIFE,
    Avenant,
    CitedSource,
    Convention,
    Exchange,
    LegalStep,
    Meeting,
    OtherValue,
    Party,
    Signature,
    Situation,
    State,
    state_between,
)
from cooperation.api import (
    ArrondissementSerializer,
    DocumentSerializer,
    PartnerBriefSerializer,
    PartnerSerializer,
    ThemeSerializer,
)
from cooperation.rest.resources import CURRENCY, meanings
from cooperation.rest.serializers import (
    Label,
    Link,
    PartialDateText,
    RecordSerializer,
    links,
    own_fields,
    page_address,
    serializer_at,
)
from cooperation.rest.writer import Writable, entered
from cooperation.rest.writing import PublishedViewSet, WritableViewSet
from cooperation.values.dates import PartialDate, changing_between


def convention() -> type[serializers.Serializer]:
    """A convention as its resource tells it: later apps tell more than this one."""
    return serializer_at("convention-list")


class PartySerializer(RecordSerializer):
    partner = PartnerBriefSerializer(
        allow_null=True, help_text="Qui est partie ; null tant que sa fiche n’est pas publiée."
    )

    arrondissement = Link(
        "code",
        expands_to=lambda: ArrondissementSerializer,
        allow_null=True,
        help_text="Code de l’arrondissement que le texte engage, ou null.",
    )

    class Meta:
        model = Party
        extra_kwargs = meanings(
            role="Rôle de la partie ; vide s’il n’est pas connu.",
            share="Part du financement que le texte fixe, en pour cent, ou null.",
        )
        fields = ["uid", "partner", "arrondissement", *own_fields(Party), "source"]


STATUS = "Publication : « publie » pour ce que lit un visiteur."


class AvenantSerializer(RecordSerializer):
    documents = links(
        "reference", expands_to=lambda: DocumentSerializer, help_text="Documents, par référence."
    )

    class Meta:
        model = Avenant
        extra_kwargs = meanings(
            number="Numéro de l’avenant dans la convention.",
            purpose="Ce que change l’avenant, en texte.",
            starts_on="Jour où il prend effet, à la précision connue, ou null.",
            ends_on="Nouvelle fin de la convention, à la précision connue, ou null.",
            signed_on="Date de signature, à la précision connue.",
            budget_change="En plus ou en moins, dans « currency ».",
            new_total="Nouveau budget total selon l’avenant, dans « currency », ou null.",
            currency=CURRENCY,
            status=STATUS,
        )
        fields = ["uid", *own_fields(Avenant), "status", "status_label", "documents", "source"]


class LegalStepSerializer(RecordSerializer):
    partner = Link(
        "slug",
        expands_to=lambda: PartnerSerializer,
        allow_null=True,
        help_text="Collectivité dont le conseil a délibéré, ou null.",
    )
    document = Link(
        "reference",
        expands_to=lambda: DocumentSerializer,
        allow_null=True,
        help_text="Référence du document, ou null.",
    )

    class Meta:
        model = LegalStep
        extra_kwargs = meanings(
            kind="Étape de la vie légale.",
            done_on="Date de l’étape, à la précision connue.",
            number="Numéro ou référence de l’acte, tel que la source le donne.",
            organ="Organe qui a décidé, en texte.",
            result="Issue ; vide si elle n’est pas dite. Ce qui est refusé ou ajourné reste à obtenir.",
            votes_for="Voix pour, ou null.",
            votes_against="Voix contre, ou null.",
            abstentions="Abstentions, ou null.",
        )
        fields = ["uid", *own_fields(LegalStep), "partner", "document", "source"]


class SignatureSerializer(RecordSerializer):
    class Meta:
        model = Signature
        extra_kwargs = meanings(
            kind="Signature ou cérémonie ; vide si la source ne le dit pas.",
            signed_on="Date, à la précision connue, ou null.",
            date_words="Date en toutes lettres, où la source n’en dit qu’une partie.",
            place="Lieu, en texte.",
            signatories="Fonctions de qui a signé, en texte.",
        )
        fields = ["uid", *own_fields(Signature), "source"]


class SituationSerializer(RecordSerializer):
    class Meta:
        model = Situation
        extra_kwargs = meanings(
            kind="Ce que devient la convention : son état la suit.",
            since="Depuis quand, à la précision connue, ou null.",
            note="Précision, en texte.",
        )
        fields = ["uid", *own_fields(Situation), "source"]


class MeetingSerializer(RecordSerializer):
    class Meta:
        model = Meeting
        extra_kwargs = meanings(
            held_on="Date, à la précision connue, ou null.",
            place="Lieu, en texte.",
            minutes="Compte rendu, en texte.",
        )
        fields = ["uid", *own_fields(Meeting), "source"]


class ExchangeSerializer(RecordSerializer):
    class Meta:
        model = Exchange
        extra_kwargs = meanings(
            kind="Visite, mission, stage… ; vide si la source ne le dit pas.",
            happened_on="Date, à la précision connue, ou null.",
            place="Lieu, en texte.",
            from_benin="Qui du Bénin y était : des fonctions.",
            from_partner="Qui du partenaire y était : des fonctions.",
            purpose="Objet, en texte.",
            results="Résultats, en texte.",
            report="Rapport, par son titre.",
        )
        fields = ["uid", *own_fields(Exchange), "source"]


class CitedSourceSerializer(RecordSerializer):
    class Meta:
        model = CitedSource
        extra_kwargs = meanings(
            title="Titre de la source.",
            address="Adresse de la source, ou vide.",
            dated="Date de la source, à la précision connue, ou null.",
            seen_on="Date à laquelle elle a été lue, ou null.",
            supports="Ce qu’elle appuie, en texte.",
        )
        fields = ["uid", *own_fields(CitedSource), "source"]


class OtherValueSerializer(RecordSerializer):
    class Meta:
        model = OtherValue
        extra_kwargs = meanings(
            about="Ce dont il s’agit, en texte : « début ».",
            value="Ce que dit l’autre source.",
            why="Pourquoi ce n’est pas retenu, en texte.",
        )
        fields = ["uid", *own_fields(OtherValue), "source"]


class ConventionSerializer(RecordSerializer):
    """Dates are ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14"."""

    state = serializers.ChoiceField(State.choices, help_text="État aujourd’hui.")
    state_label = Label("state", help_text="État, en français.")
    begin = PartialDateText(
        allow_null=True, help_text="Début, ou la signature si le début n’est pas connu ; ou null."
    )
    term = PartialDateText(
        allow_null=True, help_text="Fin après les avenants signés à ce jour, ou null."
    )
    parties = PartySerializer(many=True, help_text="Parties, avec leur rôle.")
    avenants = AvenantSerializer(many=True, help_text="Avenants, par numéro.")
    legal_steps = LegalStepSerializer(many=True, help_text="Dossier légal, étape par étape.")
    themes = links("slug", expands_to=lambda: ThemeSerializer, help_text="Thèmes, par « slug ».")
    odds = links("number", help_text="Objectifs de développement durable, de 1 à 17.")
    documents = links(
        "reference", expands_to=lambda: DocumentSerializer, help_text="Documents, par référence."
    )
    predecessor = Link(
        "reference",
        expands_to=convention,
        allow_null=True,
        help_text="Référence de la convention à laquelle celle-ci fait suite, ou null.",
    )
    framework = Link(
        "reference",
        expands_to=convention,
        allow_null=True,
        help_text="Référence du cadre, de la charte ou du programme dont elle relève, ou null.",
    )
    page = serializers.CharField(help_text="Adresse de sa page, pour les personnes.")

    situation = serializers.ChoiceField(
        Situation.Kind.choices,
        allow_blank=True,
        help_text="Dernière situation connue aujourd’hui, que l’état suit ; vide s’il n’y en a pas.",
    )
    signatures = SignatureSerializer(many=True, help_text="Signatures et cérémonies.")
    situations = SituationSerializer(many=True, help_text="Situations, par date.")
    meetings = MeetingSerializer(many=True, help_text="Réunions de suivi, par date.")
    exchanges = ExchangeSerializer(many=True, help_text="Échanges et visites, par date.")
    cited_sources = CitedSourceSerializer(many=True, help_text="Sources citées.")
    other_values = OtherValueSerializer(many=True, help_text="Ce que d’autres sources disent.")

    derived = {"state": ("begin", "term", "has_no_term", "situation"), "page": ("reference",)}

    class Meta:
        model = Convention
        extra_kwargs = meanings(
            reference="Identifiant dans le registre ; ne change jamais.",
            title="Intitulé de la convention.",
            objectives="Objectifs, en texte.",
            note="Remarques sur la fiche, en texte.",
            kind="Nature du texte ; vide si elle n’est pas connue.",
            kind_words="Nature dans les mots du texte, où ils en disent une autre.",
            own_number="Numéro que porte l’accord.",
            provenance="Combien ce que dit la fiche est sûr ; vide si rien ne le dit.",
            results="Résultats, en texte.",
            difficulties="Difficultés, en texte.",
            recommendations="Recommandations, en texte.",
            unnamed_parties="Parties que le texte ne nomme pas, en toutes lettres.",
            follow_up_body="Qui suit la convention, en texte.",
            meeting_rhythm="Combien de fois le comité se réunit ; vide si le texte ne le dit pas.",
            status=STATUS,
            signed_on="Date de signature, à la précision connue.",
            starts_on="Date de début, à la précision connue.",
            ends_on="Fin prévue à la signature, à la précision connue.",
            deduced_end="Fin que donne la durée, où le texte ne donne pas de fin ; ou null.",
            has_no_term="Vrai de ce qui est sans terme par nature : en vigueur depuis son début.",
        )
        fields = [
            "reference",
            *own_fields(Convention),
            "status",
            "status_label",
            "state",
            "state_label",
            "begin",
            "deduced_end",
            "term",
            "situation",
            "parties",
            "avenants",
            "legal_steps",
            *LIFE,
            "themes",
            "odds",
            "documents",
            "predecessor",
            "framework",
            "page",
            "source",
            "version",
            "updated_at",
        ]

    @classmethod
    def records(cls, user) -> QuerySet:
        return super().records(user).with_term()

    @staticmethod
    def derive_state(row) -> str:
        begin, term = PartialDate.stored(row["begin"]), PartialDate.stored(row["term"])
        endless, situation = row["has_no_term"], row["situation"]
        return state_between(begin, term, timezone.localdate(), endless, situation).value

    @staticmethod
    def derive_page(row) -> str:
        return page_address("convention_detail", row["reference"])


class ConventionPartSerializer(RecordSerializer):
    """A line of a convention as a resource of its own."""

    convention = Link("reference", expands_to=convention, help_text="Référence de la convention.")

    class Meta:
        fields = ["convention", "version", "updated_at"]


class PartyRecordSerializer(ConventionPartSerializer, PartySerializer):
    class Meta(PartySerializer.Meta):
        fields = [*PartySerializer.Meta.fields, *ConventionPartSerializer.Meta.fields]


class AvenantRecordSerializer(ConventionPartSerializer, AvenantSerializer):
    class Meta(AvenantSerializer.Meta):
        fields = [*AvenantSerializer.Meta.fields, *ConventionPartSerializer.Meta.fields]


def conventions_changed_between(first, last) -> set[int]:
    """Keys of the conventions whose state or term is another on the day `last` than on `first`."""
    if first == last:
        return set()
    found = set()
    own, theirs = ("starts_on", "signed_on", "ends_on", "deduced_end"), ("signed_on", "ends_on")
    for name in (*own, *(f"avenants__{name}" for name in theirs), "situations__since"):
        for lookups in changing_between(name, first, last):
            keys = Convention.objects.filter(**lookups).order_by().values_list("pk", flat=True)
            found.update(keys)
    return found


class DaysMixin:
    """What tells states of conventions, which are others on other days."""

    def state_changed_between(self, first, last) -> dict:
        return {"convention": conventions_changed_between(first, last)}


def settle_line(record, by, is_new) -> None:
    record.convention.settle(by=by)


class PartyViewSet(DaysMixin, WritableViewSet):
    writable = Writable(
        entered(Party, without=["convention"]),
        whole=("convention",),
        asks_why=True,
        settle=settle_line,
    )
    queryset = Party.objects.none()  # names the route
    serializer_class = PartyRecordSerializer
    about = "Parties des conventions publiées : qui est dans quelle convention, et comme quoi."
    filterset_class = PartyFilter


class LegalStepRecordSerializer(ConventionPartSerializer, LegalStepSerializer):
    class Meta(LegalStepSerializer.Meta):
        fields = [*LegalStepSerializer.Meta.fields, *ConventionPartSerializer.Meta.fields]


class LegalStepViewSet(DaysMixin, WritableViewSet):
    writable = Writable(
        entered(LegalStep, without=["convention"]),
        whole=("convention",),
        asks_why=True,
        settle=settle_line,
    )
    queryset = LegalStep.objects.none()
    serializer_class = LegalStepRecordSerializer
    about = "Dossier légal des conventions publiées : délibérations, transmissions, approbations."
    filterset_class = LegalStepFilter


def life_line(serializer, about) -> type[WritableViewSet]:
    """A line of the life of conventions as a resource of its own."""
    model = serializer.Meta.model
    own = [*serializer.Meta.fields, *ConventionPartSerializer.Meta.fields]
    meta = type("Meta", (serializer.Meta,), {"fields": own})
    name = model.__name__
    record = type(f"{name}RecordSerializer", (ConventionPartSerializer, serializer), {"Meta": meta})
    about_filter = type("Meta", (), {"model": model, "fields": []})
    filters = type(f"{name}Filter", (OfConventionFilter,), {"Meta": about_filter})
    view = {
        "writable": Writable(
            entered(model, without=["convention"]),
            whole=("convention",),
            asks_why=True,
            settle=settle_line,
        ),
        "queryset": model.objects.none(),
        "serializer_class": record,
        "about": about,
        "filterset_class": filters,
    }
    return type(f"{name}ViewSet", (DaysMixin, WritableViewSet), view)


LIFE_VIEWS = {
    "signatures": life_line(SignatureSerializer, "Signatures et cérémonies des conventions."),
    "situations": life_line(
        SituationSerializer, "Situations datées : envisagée, refusée, suspendue, arrêtée…"
    ),
    "meetings": life_line(MeetingSerializer, "Réunions de suivi des conventions."),
    "exchanges": life_line(ExchangeSerializer, "Échanges et visites entre les parties."),
    "cited-sources": life_line(CitedSourceSerializer, "Sources où les conventions sont écrites."),
    "other-values": life_line(
        OtherValueSerializer, "Ce que d’autres sources disent, gardé à côté de ce qui est retenu."
    ),
}


class AvenantViewSet(DaysMixin, PublishedViewSet):
    writable = Writable(
        entered(Avenant, without=["convention"]),
        whole=("convention",),
        form=DocumentedForm,
        asks_why=True,
        settle=settle_line,
    )
    queryset = Avenant.objects.none()
    serializer_class = AvenantRecordSerializer
    about = "Avenants publiés : ce qui change une convention signée."
    filterset_class = AvenantFilter
