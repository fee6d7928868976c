"""What there is to take, as portals of open data harvest it: DCAT-AP 3, in JSON-LD.

All its mandatory properties and its recommended ones, but those that nobody has told the registry.
"""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from agreements.facets import CONVENTION_INDEX
from reports.facts.inventory import min_year
from reports.opendata.dump import FILES, about

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "dcatap": "http://data.europa.eu/r5r/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Names of languages, countries and frequencies, as portals of Europe and Africa share them.
AUTHORITY = "http://publications.europa.eu/resource/authority"
THEMES = f"{AUTHORITY}/data-theme"
# Of a media type, its code in the list of file types of Europe, where that has it.
FORMATS = {
    "application/json": "JSON",
    "application/xml": "XML",
    "application/zip": "ZIP",
    "text/plain": "TXT",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types"


def catalogue(manifest) -> dict:
    """The document, for the manifest of the last dump, or None where there is none yet."""
    said = {
        "dct:title": about()["title"],
        "dct:description": "Conventions, avenants, parties, actions, financements et résultats que le "
        "registre a publiés.",
        "dct:language": {"@id": f"{AUTHORITY}/language/FRA"},
        "dct:spatial": {"@id": f"{AUTHORITY}/country/BEN"},
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
        "dct:temporal": years(),
        "dcat:theme": [{"@id": f"{THEMES}/{code}"} for code in ("GOVE", "INTR", "REGI")],
        "dcat:contactPoint": contact(),
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}/frequency/DAILY"},
        "dcat:landingPage": {"@id": address("/donnees/")},
        "dcat:keyword": ["coopération décentralisée", "Bénin", "communes", "conventions"],
        "dcat:distribution": [*files(manifest), *services()],
    }
    whole = said | {
        "@context": CONTEXT,
        "@type": "dcat:Catalog",
        "@id": address("/donnees/catalogue.jsonld"),
        "foaf:homepage": {"@id": address("/")},
        "dct:license": {"@id": settings.DATA_LICENCE[1]},
        "dcat:themeTaxonomy": {"@id": THEMES},
        "dcat:service": [service()],
        "dcat:dataset": [dataset],
    }
    if manifest:
        made = {"@type": "xsd:dateTime", "@value": manifest["made_at"]}
        dataset["dct:modified"] = whole["dct:modified"] = made
    return whole


def years() -> dict:
    """From the first year in which a convention may have been in force to this one."""
    with CONVENTION_INDEX as index:
        ends = [str(min_year(index)), str(timezone.localdate().year)]
    names = ("dcat:startDate", "dcat:endDate")
    told = [{"@type": "xsd:gYear", "@value": year} for year in ends]
    return {"@type": "dct:PeriodOfTime"} | dict(zip(names, told, strict=True))


def contact() -> dict:
    """Who answers: by e-mail where the publisher has said which, by the page of contact in any case."""
    about = {
        "@type": "vcard:Organization",
        "vcard:fn": settings.PUBLISHER["name"] or settings.IATI_ORGANISATION_NAME,
        "vcard:hasURL": {"@id": address("/contact/")},
    }
    if email := settings.PUBLISHER["email"]:
        about["vcard:hasEmail"] = {"@id": f"mailto:{email}"}
    return about


def address(path) -> str:
    return settings.SITE_URL + path


def distribution(path, title, kind) -> dict:
    """One way to take the data; `kind` is a media type."""
    about = {
        "@type": "dcat:Distribution",
        "@id": address(path),
        "dct:title": title,
        "dcat:accessURL": {"@id": address(path)},
        "dcat:mediaType": {"@id": f"{MEDIA_TYPES}/{kind}"},
        "dct:description": f"{title}, de tout ce que le registre a publié.",
        "dcatap:availability": {"@id": f"{AUTHORITY}/planned-availability/STABLE"},
        "dct:license": {"@id": settings.DATA_LICENCE[1]},
    }
    if kind in FORMATS:
        about["dct:format"] = {"@id": f"{AUTHORITY}/file-type/{FORMATS[kind]}"}
    return about


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


def service() -> dict:
    return {
        "@type": "dcat:DataService",
        "@id": address("/api/v1/#service"),
        "dct:title": "API, décrite en OpenAPI 3.1",
        "dct:description": "Lire et écrire ce que le registre tient, selon ses droits.",
        "dct:license": {"@id": settings.DATA_LICENCE[1]},
        "dcat:endpointURL": {"@id": address("/api/v1/")},
        "dcat:endpointDescription": {"@id": address("/api/schema/")},
        "dcat:servesDataset": {"@id": address("/donnees/#registre")},
    }


def services() -> Iterator:
    """What is made as one asks."""
    yield distribution("/api/v1/", "API", "application/json") | {"dcat:accessService": service()}
    iati = "/iati/activities.xml"
    yield distribution(iati, "IATI 2.03, activités", "application/xml") | {
        "dcat:downloadURL": {"@id": address(iati)}
    }


def as_schema_org(found) -> dict:
    """The dataset of a catalogue in the words that search engines read."""
    (dataset,) = found["dcat:dataset"]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": dataset["@id"],
        "name": dataset["dct:title"],
        "description": dataset["dct:description"],
        "url": address("/donnees/"),
        "inLanguage": "fr",
        "keywords": dataset["dcat:keyword"],
        "license": settings.DATA_LICENCE[1],
        "isAccessibleForFree": True,
        "spatialCoverage": "Bénin",
        "temporalCoverage": "/".join(
            dataset["dct:temporal"][name]["@value"] for name in ("dcat:startDate", "dcat:endDate")
        ),
        "creator": {"@type": "Organization", "name": settings.IATI_ORGANISATION_NAME},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": one["dct:title"],
                "encodingFormat": one["dcat:mediaType"]["@id"].removeprefix(f"{MEDIA_TYPES}/"),
                "contentUrl": one["dcat:downloadURL"]["@id"],
            }
            for one in dataset["dcat:distribution"]
            if "dcat:downloadURL" in one
        ],
    }
