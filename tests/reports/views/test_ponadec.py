import re
from html import unescape

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from actions.models import GoodPractice
from cooperation.models import Partner
from cooperation.roles import Role
from cooperation.typography import spaced
from reports.facts.bilan import build_bilan, from_json, to_json
from reports.spreadsheets import bilan_sheets
from tests.contents import load_content
from tests.factories import (
    make_action,
    make_convention,
    make_partner,
    make_practice,
    make_user,
    published,
)
from tests.reports.readers import body, pdf_of, text_of
from workgroup.models import PonadecIndicator

SHARE = "/ponadec/actions-achevees/"


@pytest.fixture
def indicators():
    load_content("reference")
    convention = make_convention(
        [Partner.objects.get(slug="kandi"), make_partner(country="FR")],
        title="Forages de Kandi",
        starts_on="2019",
        ends_on="2099",
        **published(),
    )
    make_action(convention, title="Creuser", state="achevee", planned_start="2024")
    make_action(convention, title="Former", planned_start="2024")
    return PonadecIndicator.objects.all()


@pytest.fixture
def index(indicators):
    return PonadecIndicator.objects.create(
        name="Indice de gouvernance locale", definition="d", formula="f", unit="points"
    )


def test_a_visitor_reads_a_year_an_indicator_and_the_records_behind_it(client, indicators):
    page = client.get("/ponadec/", {"an": "2024"})
    assertContains(page, f"{SHARE}2024/")
    assertContains(page, "50\u00a0%")
    assertNotContains(page, "officiel</span>")
    assertNotContains(page, "Ajouter un indicateur")
    page = client.get(SHARE, {"an": "2024"})
    assertContains(page, "1 sur 2")
    assertContains(page, "Actions achevées, divisées par")
    assertContains(page, "?an=2014")
    assertContains(page, f"?an={timezone.localdate().year}")
    page = client.get(f"{SHARE}2024/")
    assertContains(page, "Creuser")
    assertNotContains(page, "Former")
    assertContains(client.get(f"{SHARE}2024/?parmi=tout"), "Former")
    assertContains(client.get("/ponadec/conventions-en-vigueur/2024/"), "Forages de Kandi")
    communes = client.get("/ponadec/communes-engagees/2024/")
    address = "/conventions/?state=en-vigueur&on=2024-12-31&commune=kandi"
    assertContains(communes, address.replace("&", "&amp;"))
    assertContains(client.get(address), "Forages de Kandi")


def test_a_year_that_is_none_shows_one_that_is(client, indicators):
    this_year = timezone.localdate().year
    for odd in ("", "0000", "9999", "²024", "20245", "abc"):
        for address in ("/ponadec/", SHARE):
            assert client.get(address, {"an": odd}).status_code == 200
    assertContains(client.get("/ponadec/", {"an": "9999"}), f"PONADEC, {this_year}")
    assert client.get(f"{SHARE}{this_year + 1}/").status_code == 404
    assert client.get(f"{SHARE}0/").status_code == 404
    assert client.get("/ponadec/rien/").status_code == 404
    assert client.get("/ponadec.pdf").status_code == 404


def test_what_is_typed_has_its_source(client, index):
    """A target without a source would be told to a minister as if a text had set it."""
    client.force_login(make_user(Role.SECRETARIAT))
    address = reverse("ponadec_year_add", args=[index.slug])
    year = {"year": "2024", "value": "61,5", "value_source": "", "target": "", "target_source": ""}
    assertContains(client.post(address, year), "Dites d’où vient la valeur.")
    assertContains(client.post(address, year | {"value": ""}), "Donnez au moins un nombre")
    assertContains(client.post(address, year | {"value": "beaucoup"}), "Saisissez un nombre")
    assertContains(client.post(address, year | {"year": "20245"}), "2100")
    assert not index.years.exists()
    year["value_source"] = "Rapport 2025"
    answer = client.post(address, year)
    assertRedirects(answer, f"{index.get_absolute_url()}?an=2024")
    page = client.get(answer["Location"])
    assertContains(page, "61,5\u00a0points")
    assertContains(page, spaced("Source : Rapport 2025"))
    assertContains(client.post(address, year), "Cette année est déjà saisie")
    one = index.years.get()
    edit = reverse("ponadec_year_edit", args=[index.slug, one.uid])
    changed = {"opened_version": one.version, "value": "62", "value_source": "Rapport corrigé"}
    client.post(edit, changed | {"target": "70", "target_source": "Document de 2023"})
    one.refresh_from_db()
    assert (one.year, one.value, one.target) == (2024, 62, 70)
    history = client.get(reverse("ponadecindicator_history", args=[index.slug]))
    assertContains(history, "Rapport corrigé")
    # A target to come is told too.
    client.post(address, {"year": "2033", "target": "80", "target_source": "Document de 2023"})
    assertContains(client.get(index.get_absolute_url()), "80\u00a0points")


def test_what_the_registry_computes_is_not_typed(client, indicators):
    client.force_login(make_user(Role.SECRETARIAT))
    address = reverse("ponadec_year_add", args=["actions-achevees"])
    page = client.get(address)
    assertNotContains(page, 'name="value"')
    assertContains(page, "Saisir une cible")
    client.post(
        address,
        {
            "year": "2024",
            "value": "99",
            "value_source": "x",
            "target": "75",
            "target_source": "Plan",
        },
    )
    one = indicators.get(slug="actions-achevees").years.get()
    assert (one.value, one.target) == (None, 75)
    page = client.get(SHARE, {"an": "2024"})
    assertContains(page, "50\u00a0%")
    assertContains(page, "75\u00a0%")


def test_an_indicator_is_official_once_a_text_is_named(client, index):
    client.force_login(make_user(Role.SECRETARIAT))
    page = client.get(index.get_absolute_url())
    assertContains(page, "Aucun texte ne le rend officiel.")
    fields = {"name": index.name, "definition": "d", "formula": "f", "unit": "points"}
    client.post(
        reverse("ponadec_edit", args=[index.slug]),
        fields | {"opened_version": index.version, "official_source": "Décret 2026-1"},
    )
    client.logout()
    assertContains(client.get(index.get_absolute_url()), "Décret 2026-1")
    assertContains(client.get("/ponadec/"), "officiel</span>")
    client.force_login(make_user(Role.SECRETARIAT))
    answer = client.post(reverse("ponadec_add"), fields | {"name": "Taux de couverture"})
    assertRedirects(answer, "/ponadec/taux-de-couverture/")


@pytest.mark.parametrize("role", [None, Role.COMMUNE, Role.MEMBER, Role.STATE])
def test_the_secretariat_alone_keeps_them(client, index, role):
    if role:
        client.force_login(make_user(role))
    one = index.years.create(year=2024, value=1, value_source="s")
    for address in (
        reverse("ponadec_add"),
        reverse("ponadec_edit", args=[index.slug]),
        reverse("ponadec_year_add", args=[index.slug]),
        reverse("ponadec_year_edit", args=[index.slug, one.uid]),
    ):
        assert client.post(address, {"year": 2023}).status_code in (302, 403)
    assert (index.years.count(), PonadecIndicator.objects.count()) == (1, 11)


def test_the_bilan_and_files_tell_the_same(client, index, pango):
    index.years.create(year=2024, value="61.5", value_source="Rapport 2025")
    facts = build_bilan(2023, 2024)
    assert from_json(to_json(facts)) == facts
    told = {one.name: one for one in facts.ponadec}
    assert [value.figure for value in told[index.name].values] == ["", "61,5"]
    assert [value.figure for value in told["Part des actions achevées"].values] == ["", "50"]
    assertContains(client.get("/bilans/2024/"), "Indice de gouvernance locale")
    text = text_of(pdf_of(client.get("/bilans/2024.pdf")))
    assert "Indicateurs de la PONADEC" in text
    # Whoever signs the paper reads there how each figure is made.
    assert "Comment ils sont calculés" in text
    assert "Rapport 2025" in text
    rows = next(list(rows) for title, rows in bilan_sheets(facts) if title == "PONADEC")
    assert ["Indice de gouvernance locale", "", 2024] in [row[:3] for row in rows]
    csv = body(client.get("/ponadec.csv?an=2024")).read().decode()
    assert "Part des actions achevées;;2024;50,0;%" in csv
    assert "Rapport 2025" in csv
    assert body(client.get("/ponadec.xlsx")).read(2) == b"PK"


def test_a_bilan_of_a_part_of_the_country_tells_none(indicators):
    """They are those of the whole country: beside figures of one commune they would mislead."""
    assert build_bilan(2024, 2024).ponadec
    assert not build_bilan(2024, 2024, QueryDict("commune=kandi")).ponadec


def test_drafts_count_nowhere(client, indicators):
    make_practice(make_action(make_convention(title="Secrète", ends_on="2099")))
    GoodPractice.objects.update(published_at=timezone.now())
    for indicator in indicators:
        for year in (2024, timezone.localdate().year):
            page = client.get(f"{indicator.get_absolute_url()}{year}/")
            assertNotContains(page, "Secrète")
            assertNotContains(page, "Pratique ")


def test_a_target_to_come_is_told_and_a_value_to_come_is_not_taken(client, index, pango):
    """The one number that a policy fixes was « non renseignée » on the paper that is signed."""
    this_year = timezone.localdate().year
    client.force_login(make_user(Role.SECRETARIAT))
    address = reverse("ponadec_year_add", args=[index.slug])
    ahead = {"year": this_year + 4, "value": "77", "value_source": "Projection"}
    assertContains(client.post(address, ahead), "n’est pas encore connue")
    client.post(address, {"year": this_year + 4, "target": "90", "target_source": "PONADEC 2031"})
    client.logout()
    assertContains(client.get(f"/bilans/{this_year}/"), f"90\u00a0points en {this_year + 4}")
    assert f";{this_year + 4};;points" in body(client.get("/ponadec.csv")).read().decode()
    row = client.get(f"/api/v1/ponadec-indicators/{index.slug}/").json()
    assert (row["values"][-1]["year"], row["values"][-1]["target"]) == (this_year + 4, "90.0000")
    one = index.years.get()
    client.force_login(make_user(Role.SECRETARIAT))
    edit = reverse("ponadec_year_edit", args=[index.slug, one.uid])
    client.post(edit, {"opened_version": one.version, "target": "", "target_source": ""})
    assertContains(client.get(index.get_absolute_url()), "rien de renseigné")
    client.logout()
    assertNotContains(client.get(index.get_absolute_url()), str(this_year + 4))


def test_what_is_computed_keeps_its_unit_and_is_called_no_official_figure(client, indicators):
    client.force_login(make_user(Role.SECRETARIAT))
    one = indicators.get(slug="numeraire-mobilise")
    client.post(
        reverse("ponadec_edit", args=[one.slug]),
        {
            "opened_version": one.version,
            "name": one.name,
            "definition": "d",
            "formula": "f",
            "unit": "millions",
            "official_source": "Décret 2026-1",
        },
    )
    one.refresh_from_db()
    assert (one.unit, one.official_source) == ("F CFA", "Décret 2026-1")
    client.logout()
    assertNotContains(client.get("/ponadec/"), "officiel</span>")
    page = client.get(one.get_absolute_url())
    assertContains(page, "n’est pas un chiffre officiel")
    assertNotContains(page, "officiel</span>")


def test_two_indicators_have_two_names(client, index):
    client.force_login(make_user(Role.SECRETARIAT))
    fields = {"definition": "d", "formula": "f", "unit": "points"}
    for name in ("indice de gouvernance  LOCALE", "Indice de gouvernance locale\u200b"):
        page = client.post(reverse("ponadec_add"), fields | {"name": name})
        assertContains(page, "porte déjà ce nom")


def test_those_who_see_drafts_are_led_to_what_is_counted(client, indicators):
    make_convention([Partner.objects.get(slug="kandi")], title="Cachée", ends_on="2099")
    client.force_login(make_user(Role.SECRETARIAT))
    page = client.get("/ponadec/communes-engagees/2024/").content.decode()
    address = unescape(re.search(r'href="(/conventions/\?[^"]*kandi[^"]*)"', page)[1])
    listed = client.get(address)
    assertContains(listed, "Forages de Kandi")
    assertNotContains(listed, "Cachée")
