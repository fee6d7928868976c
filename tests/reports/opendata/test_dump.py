"""The public data as files: complete, of one state, the same as the API, and as they are described."""

import csv
import hashlib
import io
import json
import re
import sqlite3
import zipfile

import pytest
from django.core.management import CommandError, call_command
from pytest_django.asserts import assertContains

from agreements.models import LegalStep
from cooperation.models import Theme
from reports.opendata import dump as opendata
from reports.opendata.examples import examples
from reports.opendata.resources import RESOURCES
from tests.factories import (
    make_action,
    make_arrondissement,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_practice,
    published,
    tell_life,
)
from tests.workgroup.factories import tell_of_group


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(opendata, "FOLDER", tmp_path / "donnees")
    return tmp_path / "donnees"


@pytest.fixture
def registry(parakou, orleans):
    convention = make_convention(
        [parakou, orleans],
        title="=1+1",
        starts_on="2019-11",
        objectives='Une; "autre"\nligne',
        **published(),
    )
    convention.themes.add(*(Theme.objects.create(name=n, slug=n) for n in ("eau", "sante")))
    convention.documents.add(make_document(**published()))
    avenant = make_avenant(convention, budget_change="-5.50", currency="EUR", **published())
    action = make_action(convention, axis=make_axis(convention, added_by=avenant), places=[parakou])
    action.arrondissements.add(make_arrondissement(parakou))
    line = make_budget_line(convention, action=action, funder=orleans, amount="9999999999999.99")
    line.instalments.create(amount="0.01", expected_on="2020")
    make_disbursement(line, amount="0.01", paid_on="2020")
    make_measurement(make_indicator(convention, action=action), "12.5", place=parakou)
    make_practice(action, **published())
    make_practice(action, title="Pratique cachée")
    LegalStep.objects.create(convention=convention, kind="deliberation", partner=parakou)
    tell_life(convention)
    orleans.memberships.create(member=parakou, since="2003")
    tell_of_group()
    make_convention(title="Brouillon caché")
    make_avenant(convention, purpose="Avenant caché", number=9)
    return convention


def fetched(client, name):
    response = client.get(f"/donnees/{name}")
    assert response.status_code == 200
    return response.getvalue()


@pytest.fixture
def dump(client, registry):
    call_command("publish_data", verbosity=0)
    return {name: fetched(client, name) for name in opendata.FILES}


def tables(dump):
    """{resource: rows of its CSV}"""
    with zipfile.ZipFile(io.BytesIO(dump[opendata.CSV_BUNDLE])) as bundle:
        for name in RESOURCES:
            text = bundle.read(f"{name.replace('-', '_')}.csv").decode()
            yield name, list(csv.DictReader(io.StringIO(text, newline="")))


def package(dump):
    with zipfile.ZipFile(io.BytesIO(dump[opendata.CSV_BUNDLE])) as bundle:
        return json.loads(bundle.read("datapackage.json"))


def test_the_lines_are_what_the_api_gives(client, dump):
    with zipfile.ZipFile(io.BytesIO(dump[opendata.JSON_LINES])) as bundle:
        for name in RESOURCES:
            lines = bundle.read(f"{name.replace('-', '_')}.jsonl").decode().splitlines()
            rows = client.get(f"/api/v1/{name}/", {"cursor": "*", "page_size": 500}).json()[
                "results"
            ]
            assert rows, name
            assert [json.loads(line) for line in lines] == rows


def test_the_tables_are_as_they_are_described(dump):
    found = dict(tables(dump))
    said = {one["name"]: one for one in package(dump)["resources"]}
    checks = {
        "integer": int,
        "boolean": {"True": True, "False": False}.__getitem__,
        "number": float,
        "datetime": lambda text: text.index("T"),
        "string": str,
    }
    for name, rows in found.items():
        schema = said[name.replace("-", "_")]["schema"]
        assert list(rows[0]) == [field["name"] for field in schema["fields"]]
        assert len(rows) == said[name.replace("-", "_")]["rows"]
        keys = [row[schema["primaryKey"]] for row in rows]
        assert len(set(keys)) == len(keys)
        for field in schema["fields"]:
            assert len(field["description"]) > 3
            pattern = field.get("constraints", {}).get("pattern", ".*")
            for value in filter(None, (row[field["name"]] for row in rows)):
                checks[field["type"]](value)
                assert re.fullmatch(pattern, value, re.DOTALL), (name, field["name"], value)
        for key in schema.get("foreignKeys", ()):
            target = key["reference"]
            table = target["resource"].replace("_", "-") or name
            there = {row[target["fields"]] for row in found[table]}
            assert {row[key["fields"]] for row in rows} - {""} <= there, (name, key)


def test_amounts_are_exact_and_texts_do_not_run(dump, registry):
    found = dict(tables(dump))
    assert [row["amount"] for row in found["budget-lines"]] == ["9999999999999.99"]
    assert [row["budget_change"] for row in found["avenants"]] == ["-5.50"]
    (row,) = [row for row in found["conventions"] if row["reference"] == registry.reference]
    assert row["title"] == "'=1+1"
    assert row["objectives"] == 'Une; "autre"\nligne'
    assert (row["starts_on"], row["themes"]) == ("2019-11", "eau;sante")


def test_the_database_holds_the_same_and_its_links_hold(dump, tmp_path):
    path = tmp_path / "copie.sqlite"
    path.write_bytes(dump[opendata.SQLITE])
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    for name, rows in tables(dump):
        table = name.replace("-", "_")
        (count,) = database.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()  # noqa: S608
        assert count == len(rows)
    title = database.execute("SELECT title FROM conventions WHERE title LIKE '=%'").fetchone()
    assert title == ("=1+1",)
    said = dict(database.execute("SELECT * FROM about"))
    assert said["licence_url"].startswith("https://creativecommons.org/")
    assert package(dump)["mark"] == said["mark"]
    database.close()


def test_a_copy_goes_on_from_a_dump(client, dump, registry):
    mark = package(dump)["mark"]
    assertContains(client.get("/donnees/"), mark)
    address = f"/api/v1/conventions/?modified_since={mark}"
    assert client.get(address).json()["results"] == []
    registry.title = "Rebaptisée"
    registry.save()
    (changed,) = client.get(address).json()["results"]
    assert changed["title"] == "Rebaptisée"


def test_nothing_that_is_not_public_is_in_any_file(dump):
    for name, content in dump.items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as bundle:
                content = b"".join(bundle.read(one) for one in bundle.namelist())
        assert "caché".encode() not in content, name


def test_the_sums_are_those_of_the_files(dump):
    for line in dump[opendata.SUMS].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(dump[name]).hexdigest() == digest


def test_a_file_is_sent_again_only_when_it_changed(client, dump):
    first = client.get(f"/donnees/{opendata.SQLITE}")
    first.getvalue()
    again = client.get(f"/donnees/{opendata.SQLITE}", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    for name in ("manifest.json", "..", "rien", ".en-cours-x"):
        assert client.get(f"/donnees/{name}").status_code == 404


def test_the_page_says_how_fresh_the_files_are_and_where(client, dump):
    page = client.get("/donnees/")
    for name in opendata.FILES:
        assertContains(page, f"/donnees/{name}")
    assertContains(page, hashlib.sha256(dump[opendata.SQLITE]).hexdigest())
    assertContains(page, 'rel="license"')
    for example in examples("http://127.0.0.1:8000"):
        assertContains(page, example.title)


def test_before_the_first_night_the_page_says_so(client):
    assertContains(client.get("/donnees/"), "cette nuit")
    assert client.get(f"/donnees/{opendata.SQLITE}").status_code == 404
    assert client.get("/donnees/catalogue.jsonld").json()["dcat:dataset"][0]["dcat:distribution"]


def test_a_portal_finds_each_file_with_its_sum(client, dump):
    response = client.get(
        "/donnees/catalogue.jsonld", headers={"origin": "https://portail.example"}
    )
    assert response["Content-Type"] == "application/ld+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    (dataset,) = response.json()["dcat:dataset"]
    files = [one for one in dataset["dcat:distribution"] if "spdx:checksum" in one]
    assert len(files) == 3
    for one in files:
        name = one["dcat:downloadURL"]["@id"].rsplit("/", 1)[1]
        digest = one["spdx:checksum"]["spdx:checksumValue"]["@value"]
        assert digest == hashlib.sha256(dump[name]).hexdigest()
        size = {"@type": "xsd:nonNegativeInteger", "@value": str(len(dump[name]))}
        assert one["dcat:byteSize"] == size


def test_a_dump_is_of_one_state_or_is_not_made(registry, monkeypatch, folder):
    original = opendata.write_table

    def and_change(*args):
        make_convention(**published())
        return original(*args)

    monkeypatch.setattr(opendata, "write_table", and_change)
    with pytest.raises(CommandError):
        call_command("publish_data", verbosity=0)
    assert list(folder.iterdir()) == []


def test_the_dump_before_stays_a_while_and_the_oldest_goes(client, registry, folder):
    for _ in range(4):
        call_command("publish_data", verbosity=0)
    assert len(list(folder.iterdir())) == opendata.KEPT
