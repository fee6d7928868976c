from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from cooperation.models import Arrondissement, Partner, Revision, Theme
from tests.entry import page_data
from tests.refusals import refused
from tests.search import partners_found


def test_the_reference_holds_the_77_communes(content):
    communes = Partner.objects.communes()
    assert communes.count() == 77
    assert sum(communes.values_list("population", flat=True)) == 10_008_749
    assert len(set(communes.values_list("departement", flat=True))) == 12
    special = communes.filter(has_special_status=True).values_list("slug", flat=True)
    assert set(special) == {"cotonou", "porto-novo", "parakou"}


def test_the_reference_holds_the_546_arrondissements_with_their_source(content, client):
    assert Arrondissement.objects.count() == 546
    assert Arrondissement.objects.values("commune").distinct().count() == 77
    assert not Arrondissement.objects.filter(source="").exists()
    page = client.get(Partner.objects.get(slug="ouesse").get_absolute_url())
    assertContains(page, "Challa-Ogoï, Djegbe, Gbanlin, Ikemon, Kilibo")
    rows = client.get("/api/v1/arrondissements/", {"commune": "ouesse"}).json()["results"]
    assert ["BJ-CO-OUE-05", "Kilibo"] in [[row["code"], row["name"]] for row in rows]


def test_an_arrondissement_is_found_as_it_is_typed(content, agent):
    """There are 546: « sodohome » without its accent, « bohicon 2 » by its commune."""
    address = reverse("admin:autocomplete")
    asked = {"app_label": "actions", "model_name": "action", "field_name": "arrondissements"}
    for typed, found in (
        ("sodohome", ["Sodohomè (Bohicon)"]),
        ("kilibo oues", ["Kilibo (Ouessè)"]),
    ):
        rows = agent.get(address, asked | {"term": typed}).json()["results"]
        assert [row["text"] for row in rows] == found


def test_communes_are_found_however_they_are_written(content):
    for typed in ("adja ouere", "ADJA-OUÈRÈ", "Adja-Ouèrè"):
        found = partners_found(typed)
        assert [partner.slug for partner in found] == ["adja-ouere"], typed


def test_loading_the_content_again_doubles_nothing(content):
    before = Partner.objects.count(), Revision.current()
    call_command("loaddata", "reference", "agreements", verbosity=0)
    assert Partner.objects.count() == before[0]


def test_the_address_of_a_theme_stays(secretariat):
    """A changed one killed links and emptied the searches that people keep."""
    theme = Theme.objects.create(name="Eau", slug="eau")
    address = reverse("admin:cooperation_theme_change", args=[theme.pk])
    page = secretariat.get(address)
    data = page_data(page) | {"name": "Eau potable", "slug": "eau-potable"}
    assert secretariat.post(address, data).status_code == 302
    theme.refresh_from_db()
    assert (theme.name, theme.slug) == ("Eau potable", "eau")
    theme.slug = "eau-potable"
    assert "ne change plus" in refused(theme, "slug")
