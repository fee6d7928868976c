"""What groups make public, for programs: meetings, adopted minutes, official texts, shared documents."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cooperation.api import ThemeSerializer
from cooperation.rest.resources import PublicViewSet, meanings
from cooperation.rest.serializers import (
    Link,
    RecordSerializer,
    links,
    own_fields,
    page_address,
    serializer_at,
)
from workgroup.filters import (
    GroupMeetingFilter,
    MinutesFilter,
    OfficialTextFilter,
    SharedDocumentFilter,
)
from workgroup.models import (
    AgendaPoint,
    Draft,
    DraftSection,
    DraftVersion,
    GroupMeeting,
    Minutes,
    MinutesVersion,
    SharedDocument,
)

GROUP = "Le groupe, par l’adresse de sa page (« slug »)."
PAGE = "Adresse de sa page, pour les personnes."


def partner_link(help_text) -> Link:
    return Link(
        "slug",
        expands_to=lambda: serializer_at("partner-list"),
        allow_null=True,
        help_text=help_text,
    )


def document_link(help_text) -> Link:
    return Link(
        "reference",
        expands_to=lambda: serializer_at("document-list"),
        allow_null=True,
        help_text=help_text,
    )


class AgendaPointSerializer(RecordSerializer):
    brought_by = partner_link("« Slug » du partenaire qui l’apporte, ou null.")

    class Meta:
        model = AgendaPoint
        extra_kwargs = meanings(
            position="Rang à l’ordre du jour, à partir de 1.",
            title="Le point, en texte.",
            detail="Précisions, en texte.",
            duration="Durée prévue, en minutes, ou null.",
        )
        fields = ["uid", "position", "title", "detail", "duration", "brought_by"]


class GroupMeetingSerializer(RecordSerializer):
    """A meeting that was announced; the link by which members join it is told to nobody here."""

    group = Link("slug", help_text=GROUP)
    points = AgendaPointSerializer(many=True, help_text="L’ordre du jour.")
    documents = links(
        "reference",
        expands_to=lambda: serializer_at("document-list"),
        help_text="Documents de la réunion, par référence.",
    )
    page = serializers.CharField(help_text=PAGE)

    derived = {"page": ("reference",)}

    class Meta:
        model = GroupMeeting
        extra_kwargs = meanings(
            reference="Identifiant dans le registre ; ne change jamais.",
            title="Intitulé de la réunion.",
            starts_at="Début : jour, heure et écart à UTC (ISO 8601).",
            ends_at="Fin : jour, heure et écart à UTC (ISO 8601).",
            place="Lieu, en texte ; vide si elle se tient par un lien.",
            note="Précisions de la convocation, en texte.",
            status="Où en est la réunion.",
            cancelled_because="Motif de l’annulation ; vide sinon.",
        )
        fields = [
            "reference",
            "group",
            *own_fields(GroupMeeting, without=["joining_link"]),
            "status",
            "status_label",
            "cancelled_because",
            "points",
            "documents",
            "page",
            "source",
            "updated_at",
        ]

    @staticmethod
    def derive_page(row) -> str:
        return page_address("meeting_detail", row["reference"])


class CommitmentTextSerializer(serializers.Serializer):
    what = serializers.CharField(help_text="Ce qui est à faire.")
    who = serializers.CharField(help_text="L’organisation ou la fonction qui s’en charge.")
    due_on = serializers.DateField(allow_null=True, help_text="Pour quel jour, ou null.")


class PointTextSerializer(serializers.Serializer):
    uid = serializers.CharField(help_text="Identifiant du point dans l’ordre du jour.")
    title = serializers.CharField(help_text="Le point, en texte.")
    brought_by = serializers.CharField(help_text="Qui l’apporte, en texte ; ou vide.")
    outcome = serializers.CharField(help_text="Ce qui s’est dit, en texte.")
    decisions = serializers.CharField(help_text="Décisions, en texte.")
    treatment = serializers.CharField(help_text="« traite », « reporte », ou vide.")
    commitments = CommitmentTextSerializer(many=True, help_text="Engagements pris.")


class MinutesTextSerializer(serializers.Serializer):
    opening = serializers.CharField(help_text="Ouverture, en texte.")
    closing = serializers.CharField(help_text="Clôture et divers, en texte.")
    organisations = serializers.ListField(
        child=serializers.CharField(), help_text="Organisations présentes ou représentées."
    )
    points = PointTextSerializer(many=True, help_text="Point par point.")


# What the public reads of minutes: who came stays between members.
TOLD = tuple(MinutesTextSerializer().fields)


@extend_schema_field(MinutesTextSerializer)
class MinutesText(serializers.JSONField):
    """The content of a version, as the public reads it."""

    @staticmethod
    def convert(content) -> dict:
        return {name: content[name] for name in TOLD}


class MinutesVersionSerializer(RecordSerializer):
    content = MinutesText(help_text="Le texte adopté.")

    class Meta:
        model = MinutesVersion
        extra_kwargs = meanings(
            number="Numéro de la version.",
            made_at="Jour et heure de l’adoption (ISO 8601).",
        )
        fields = ["number", "made_at", "content"]


class MinutesSerializer(RecordSerializer):
    """Minutes of a meeting; `adopted` holds the last adopted text, alone."""

    meeting = Link(
        "reference", expands_to=lambda: GroupMeetingSerializer, help_text="Référence de la réunion."
    )
    adopted = MinutesVersionSerializer(
        many=True, source="versions", help_text="La dernière version adoptée."
    )

    class Meta:
        model = Minutes
        extra_kwargs = meanings(sent_at="Envoi aux membres (ISO 8601), ou null.")
        fields = ["uid", "meeting", "sent_at", "adopted", "source", "updated_at"]


class SectionSerializer(RecordSerializer):
    class Meta:
        model = DraftSection
        extra_kwargs = meanings(
            position="Rang de la section, à partir de 1.",
            heading="Titre de la section.",
            text="Texte ; une ligne vide sépare deux paragraphes.",
        )
        fields = ["uid", "position", "heading", "text"]


class OfficialVersionSerializer(RecordSerializer):
    document = document_link("Référence du texte joint, ou null.")
    sections = SectionSerializer(many=True, help_text="Les sections du texte, dans leur ordre.")

    class Meta:
        model = DraftVersion
        extra_kwargs = meanings(
            number="Numéro de la version.",
            note="Ce qu’elle change, en texte.",
            shared_at="Jour et heure du partage (ISO 8601).",
        )
        fields = ["uid", "number", "note", "shared_at", "document", "sections"]


class OfficialTextSerializer(RecordSerializer):
    """Terms of reference of a group; visitors read those that are official."""

    group = Link("slug", help_text=GROUP)
    partner = partner_link("« Slug » du partenaire qui l’a apporté, ou null.")
    versions = OfficialVersionSerializer(
        many=True, help_text="La version officielle ; pour un membre, toutes celles qu’il lit."
    )
    page = serializers.CharField(help_text=PAGE)

    derived = {"page": ("reference",)}

    class Meta:
        model = Draft
        extra_kwargs = meanings(
            reference="Identifiant dans le registre ; ne change jamais.",
            title="Intitulé du texte.",
            purpose="À quel appui il sert, en texte.",
            outcome="Ce que le groupe en a conclu, en texte.",
            status="Où en est le texte.",
            closes_on="Dernier jour des remarques, ou null.",
        )
        fields = [
            "reference",
            "group",
            *own_fields(Draft),
            "status",
            "status_label",
            "closes_on",
            "partner",
            "versions",
            "page",
            "source",
            "updated_at",
        ]

    @staticmethod
    def derive_page(row) -> str:
        return page_address("draft_detail", row["reference"])


class SharedDocumentSerializer(RecordSerializer):
    group = Link("slug", help_text=GROUP)
    partner = partner_link("« Slug » de qui l’a produit, ou null.")
    document = document_link("Référence du fichier parmi les documents.")
    conventions = links(
        "reference",
        expands_to=lambda: serializer_at("convention-list"),
        help_text="Conventions dont il parle, par référence.",
    )
    actions = links(
        "reference",
        expands_to=lambda: serializer_at("action-list"),
        help_text="Actions dont il parle, par référence.",
    )
    themes = links("slug", expands_to=lambda: ThemeSerializer, help_text="Thèmes, par « slug ».")
    page = serializers.CharField(help_text=PAGE)

    derived = {"page": ("uid",)}

    class Meta:
        model = SharedDocument
        extra_kwargs = meanings(
            kind="Nature de ce qui est partagé.",
            title="Titre de ce qui est partagé.",
            summary="Ce qu’on y apprend, en texte.",
            shared_at="Jour et heure du partage (ISO 8601).",
        )
        fields = [
            "uid",
            "group",
            *own_fields(SharedDocument),
            "partner",
            "document",
            "conventions",
            "actions",
            "themes",
            "shared_at",
            "page",
            "source",
            "updated_at",
        ]

    @staticmethod
    def derive_page(row) -> str:
        return page_address("shared_detail", row["uid"])


class GroupMeetingViewSet(PublicViewSet):
    queryset = GroupMeeting.objects.none()
    serializer_class = GroupMeetingSerializer
    about = "Réunions annoncées des groupes, avec leur ordre du jour."
    filterset_class = GroupMeetingFilter
    lookup_field = "reference"


class MinutesViewSet(PublicViewSet):
    queryset = Minutes.objects.none()
    serializer_class = MinutesSerializer
    about = "Comptes rendus adoptés : décisions et engagements, point par point."
    filterset_class = MinutesFilter


class OfficialTextViewSet(PublicViewSet):
    queryset = Draft.objects.none()
    serializer_class = OfficialTextSerializer
    about = "Termes de référence devenus officiels, avec leur texte."
    filterset_class = OfficialTextFilter
    lookup_field = "reference"


class SharedDocumentViewSet(PublicViewSet):
    queryset = SharedDocument.objects.none()
    serializer_class = SharedDocumentSerializer
    about = "Études, évaluations, orientations et travaux de la CNCD partagés, sans validation."
    filterset_class = SharedDocumentFilter
