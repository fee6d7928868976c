"""What portals and search engines are told of the data: DCAT-AP, and schema.org in the page."""

import json
import re

import pytest
from django.utils import timezone

from reports.opendata.catalogue import FORMATS, catalogue
from reports.opendata.dump import FILES
from tests.factories import make_convention, published

# Of DCAT-AP 3, what is mandatory or recommended of each class and applies here.
CATALOGUE = {
    *("dct:title", "dct:description", "dct:publisher", "dcat:dataset", "dcat:service"),
    *("foaf:homepage", "dct:language", "dct:license", "dct:spatial", "dcat:themeTaxonomy"),
}
DATASET = {
    *("dct:title", "dct:description", "dct:publisher", "dcat:contactPoint", "dcat:distribution"),
    *("dcat:keyword", "dcat:theme", "dct:spatial", "dct:temporal"),
}
DISTRIBUTION = {"dcat:accessURL", "dct:description", "dct:license", "dcatap:availability"}
SERVICE = {"dct:title", "dcat:endpointURL", "dcat:endpointDescription", "dcat:servesDataset"}


@pytest.fixture
def found(db):
    make_convention(starts_on="2004", **published())
    manifest = {
        "made_at": "2026-01-01T00:00:00+01:00",
        "files": {name: {"sha256": "0" * 64, "size": 1} for name in FILES},
    }
    return catalogue(manifest)


def test_a_portal_is_told_all_that_it_recommends(found):
    (dataset,) = found["dcat:dataset"]
    (service,) = found["dcat:service"]
    for said, wanted in ((found, CATALOGUE), (dataset, DATASET), (service, SERVICE)):
        assert wanted <= said.keys()
        assert all(said[name] for name in wanted)
    assert len(dataset["dcat:distribution"]) == len(FILES) + 2
    for one in dataset["dcat:distribution"]:
        assert one.keys() >= DISTRIBUTION
        assert ("dct:format" in one) == (
            one["dcat:mediaType"]["@id"].split("media-types/")[1] in FORMATS
        )


def test_the_years_are_those_of_the_conventions(found):
    temporal = found["dcat:dataset"][0]["dct:temporal"]
    years = [temporal[name]["@value"] for name in ("dcat:startDate", "dcat:endDate")]
    assert years == ["2004", str(timezone.localdate().year)]


def test_who_answers_is_who_the_publisher_says(settings, db):
    assert "vcard:hasEmail" not in catalogue(None)["dcat:dataset"][0]["dcat:contactPoint"]
    settings.PUBLISHER = settings.PUBLISHER | {"email": "registre@exemple.bj"}
    point = catalogue(None)["dcat:dataset"][0]["dcat:contactPoint"]
    assert point["vcard:hasEmail"] == {"@id": "mailto:registre@exemple.bj"}


def test_every_prefix_is_explained(found):
    used = set(re.findall(r'"([a-z]+):[A-Za-z]+"', json.dumps(found)))
    assert used <= found["@context"].keys()


def test_a_search_engine_reads_the_same_dataset_in_the_page(client, found):
    page = client.get("/donnees/").content.decode()
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    told = json.loads(told)
    assert told["@type"] == "Dataset"
    assert told["temporalCoverage"].startswith("2004/")
    assert {"name", "description", "license", "creator"} <= told.keys()
    assert all(one["contentUrl"].startswith("http") for one in told["distribution"])
