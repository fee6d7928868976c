"""Partners, documents, themes and arrondissements for programs."""

from rest_framework import serializers

from cooperation.facets import partner_listing
from cooperation.filters import ArrondissementFilter, DocumentFilter, MembershipFilter
from cooperation.forms import PartnerForm
from cooperation.lists.filters import PartFilter
from cooperation.models import Arrondissement, Document, Membership, Partner, PartnerCode, Theme
from cooperation.rest.resources import PublicViewSet, meanings
from cooperation.rest.serializers import (
    Label,
    Link,
    RecordSerializer,
    own_fields,
    page_address,
)
from cooperation.rest.writer import Writable, entered
from cooperation.rest.writing import WritableViewSet

PARTNER = meanings(
    slug="Identifiant dans le registre ; ne change jamais.",
    name="Nom officiel.",
    kind="Nature du partenaire ; vide si elle n’est pas connue.",
    country="Pays, ISO 3166 ; vide pour une organisation de plusieurs pays, ou s’il n’est pas connu.",
    departement="Département, d’une collectivité du Bénin ; vide ailleurs.",
)


class PartnerCodeSerializer(RecordSerializer):
    class Meta:
        extra_kwargs = meanings(scheme="Liste officielle du code.", code="Code dans cette liste.")
        model = PartnerCode
        fields = own_fields(PartnerCode)


class PartnerBriefSerializer(RecordSerializer):
    """How other records name a partner."""

    class Meta:
        model = Partner
        extra_kwargs = PARTNER
        fields = ["slug", "name", "kind", "kind_label", "country", "country_label"]


class MembershipSerializer(RecordSerializer):
    member = Link(
        "slug",
        expands_to=lambda: PartnerSerializer,
        help_text="« Slug » de la collectivité qui en est membre.",
    )

    class Meta:
        model = Membership
        extra_kwargs = meanings(
            since="Entrée, à la précision connue, ou null.",
            until="Sortie, à la précision connue, ou null.",
            cause="Cause de l’entrée ou de la sortie, en texte.",
        )
        fields = ["uid", "member", *own_fields(Membership), "source"]


class PartnerSerializer(RecordSerializer):
    page = serializers.CharField(help_text="Adresse de sa page, pour les personnes.")
    codes = PartnerCodeSerializer(many=True, help_text="Codes officiels.")
    website = serializers.CharField(help_text="Adresse de son site, ou vide.")
    commune = Link(
        "slug",
        expands_to=lambda: PartnerSerializer,
        allow_null=True,
        help_text="« Slug » de la commune de son siège, ou null.",
    )
    memberships = MembershipSerializer(
        many=True, help_text="Les collectivités qui composent un groupement, et depuis quand."
    )
    successor = Link(
        "slug",
        expands_to=lambda: PartnerSerializer,
        allow_null=True,
        help_text="« Slug » du partenaire qui a remplacé celui-ci, ou null.",
    )

    class Meta:
        model = Partner
        extra_kwargs = PARTNER | meanings(
            short_name="Sigle ou nom court.",
            replaced_on="Jour où il a cessé d’exister sous cette forme, à la précision connue, ou null.",
            population="Nombre d’habitants, de l’année « population_year ».",
            population_year="Année du recensement d’où vient « population », ou null.",
        )
        fields = [
            "slug",
            *own_fields(Partner),
            "codes",
            "commune",
            "memberships",
            "successor",
            "page",
            "source",
            "version",
            "updated_at",
        ]

    derived = {"page": ("slug",)}

    @staticmethod
    def derive_page(row) -> str:
        return page_address("partner_detail", row["slug"])


class ThemeSerializer(RecordSerializer):
    dac_label = Label("dac_code", help_text="Secteur de l’OCDE, en français.")

    class Meta:
        model = Theme
        extra_kwargs = meanings(
            slug="Identifiant dans le registre ; ne change jamais.",
            name="Nom du thème.",
            dac_code="Code-secteur de l’OCDE le plus proche, ou vide.",
        )
        fields = ["slug", "name", "dac_code", "dac_label", "source", "updated_at"]


class ThemeViewSet(PublicViewSet):
    queryset = Theme.objects.none()
    serializer_class = ThemeSerializer
    about = "Thèmes des conventions, avec le secteur de l’OCDE le plus proche de chacun."
    filterset_class = PartFilter
    lookup_field = "slug"


class ArrondissementSerializer(RecordSerializer):
    commune = Link(
        "slug", expands_to=lambda: PartnerSerializer, help_text="« Slug » de sa commune."
    )

    class Meta:
        model = Arrondissement
        extra_kwargs = meanings(
            code="Identifiant, de la liste benin-geo ; ne change jamais.",
            name="Nom de l’arrondissement.",
        )
        fields = ["code", "name", "commune", "source", "updated_at"]


class ArrondissementViewSet(PublicViewSet):
    queryset = Arrondissement.objects.none()
    serializer_class = ArrondissementSerializer
    about = "Les arrondissements des communes du Bénin, selon la loi n° 2013-05."
    filterset_class = ArrondissementFilter
    lookup_field = "code"


class DocumentSerializer(RecordSerializer):
    file = serializers.CharField(help_text="Adresse où le fichier se télécharge.")

    derived = {"file": ("reference",)}

    class Meta:
        model = Document
        extra_kwargs = meanings(
            reference="Identifiant dans le registre ; ne change jamais.",
            title="Titre du document.",
            kind="Nature du document.",
            dated="Date du document, à la précision connue, ou null.",
            access="« public », ou « membres » pour ce que seuls les membres voient.",
            language="Langue du document.",
            content_type="Type du fichier (MIME).",
            sha256="Empreinte SHA-256 du fichier, en hexadécimal.",
            size="Taille du fichier, en octets.",
            pages="Nombre de pages, ou null.",
        )
        fields = [
            "reference",
            *own_fields(Document),
            "file",
            "content_type",
            "size",
            "sha256",
            "pages",
            "source",
            "updated_at",
        ]

    @staticmethod
    def derive_file(row) -> str:
        return page_address("document_download", row["reference"])


class DocumentViewSet(PublicViewSet):
    queryset = Document.objects.none()
    serializer_class = DocumentSerializer
    about = "Documents publiés : conventions et avenants signés, délibérations, rapports."
    filterset_class = DocumentFilter
    lookup_field = "reference"


def own_partner(partner, by) -> None:
    partner.entered_by = by.partner


def settle_partner(partner, by, is_new) -> None:
    """Whoever may publish partners publishes those that they enter; others remain drafts of theirs."""
    if is_new and by.has_perm("cooperation.publish_partner"):
        partner.publish(by)


class PartnerViewSet(WritableViewSet):
    queryset = Partner.objects.none()  # names the route
    serializer_class = PartnerSerializer
    about = "Collectivités, associations, ministères, bailleurs : les partenaires publiés."
    listing = staticmethod(partner_listing)
    lookup_field = "slug"
    writable = Writable(
        entered(Partner),
        whole=("is_another",),
        form=PartnerForm,
        prepare=own_partner,
        settle=settle_partner,
    )


class MembershipRecordSerializer(MembershipSerializer):
    grouping = Link(
        "slug", expands_to=lambda: PartnerSerializer, help_text="« Slug » du groupement."
    )

    class Meta(MembershipSerializer.Meta):
        fields = [*MembershipSerializer.Meta.fields, "grouping", "version", "updated_at"]


class MembershipViewSet(WritableViewSet):
    writable = Writable(entered(Membership, without=["grouping"]), whole=("grouping",))
    queryset = Membership.objects.none()
    serializer_class = MembershipRecordSerializer
    about = "Qui est membre de quel groupement, depuis quand et jusqu’à quand."
    filterset_class = MembershipFilter
