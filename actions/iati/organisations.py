"""Who reports, as IATI asks for it in a file of its own."""

from django.conf import settings
from lxml import etree

from actions.iati import codes
from actions.iati.elements import LANGUAGE, add, narrated, reporting_org


def organisations_file() -> bytes:
    root = etree.Element("iati-organisations", version=codes.VERSION)
    organisation = add(root, "iati-organisation", default_currency="XOF")
    organisation.set(LANGUAGE, "fr")
    add(organisation, "organisation-identifier", settings.IATI_ORGANISATION)
    narrated(organisation, "name", settings.IATI_ORGANISATION_NAME)
    reporting_org(organisation)
    link = add(
        organisation, "document-link", url=f"{settings.SITE_URL}/bilans/", format="text/html"
    )
    narrated(link, "title", "Bilans de la coopération décentralisée")
    add(link, "category", code="B01")
    add(link, "language", code="fr")
    add(link, "recipient-country", code="BJ")
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
