"""What there is to take, as portals of open data harvest it: DCAT 2, in JSON-LD."""

from collections.abc import Iterator

from django.conf import settings

from reports.opendata.dump import FILES, about

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Names of languages, countries and frequencies, as portals of Europe and Africa share them.
AUTHORITY = "http://publications.europa.eu/resource/authority"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types"


def catalogue(manifest) -> dict:
    """The document, for the manifest of the last dump, or None where there is none yet."""
    said = {
        "dct:title": about()["title"],
        "dct:description": "Conventions, avenants, parties, actions, financements et résultats que le "
        "registre a publiés.",
        "dct:language": {"@id": f"{AUTHORITY}/language/FRA"},
        "dct:publisher": {
            "@type": "foaf:Organization",
            "@id": address("/#cncd"),
            "foaf:name": settings.IATI_ORGANISATION_NAME,
        },
    }
    dataset = said | {
        "@type": "dcat:Dataset",
        "@id": address("/donnees/#registre"),
        "dct:identifier": address("/donnees/#registre"),
        "dct:spatial": {"@id": f"{AUTHORITY}/country/BEN"},
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}/frequency/DAILY"},
        "dcat:landingPage": {"@id": address("/donnees/")},
        "dcat:keyword": ["coopération décentralisée", "Bénin", "communes", "conventions"],
        "dcat:distribution": [*files(manifest), *services()],
    }
    if manifest:
        dataset["dct:modified"] = {"@type": "xsd:dateTime", "@value": manifest["made_at"]}
    return said | {
        "@context": CONTEXT,
        "@type": "dcat:Catalog",
        "@id": address("/donnees/catalogue.jsonld"),
        "dcat:dataset": [dataset],
    }


def address(path) -> str:
    return settings.SITE_URL + path


def distribution(path, title, kind) -> dict:
    """One way to take the data; `kind` is a media type."""
    return {
        "@type": "dcat:Distribution",
        "@id": address(path),
        "dct:title": title,
        "dcat:accessURL": {"@id": address(path)},
        "dcat:mediaType": {"@id": f"{MEDIA_TYPES}/{kind}"},
        "dct:license": {"@id": settings.DATA_LICENCE[1]},
    }


def files(manifest) -> Iterator:
    for name, facts in (manifest["files"] if manifest else {}).items():
        checksum = {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": facts["sha256"]},
        }
        path = f"/donnees/{name}"
        yield distribution(path, *FILES[name]) | {
            "dcat:downloadURL": {"@id": address(path)},
            "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(facts["size"])},
            "spdx:checksum": checksum,
        }


def services() -> Iterator:
    """What is made as one asks."""
    yield distribution("/api/v1/", "API", "application/json") | {
        "dcat:accessService": {
            "@type": "dcat:DataService",
            "dct:title": "API, décrite en OpenAPI 3.1",
            "dcat:endpointURL": {"@id": address("/api/v1/")},
            "dcat:endpointDescription": {"@id": address("/api/schema/")},
        }
    }
    iati = "/iati/activities.xml"
    yield distribution(iati, "IATI 2.03, activités", "application/xml") | {
        "dcat:downloadURL": {"@id": address(iati)}
    }
