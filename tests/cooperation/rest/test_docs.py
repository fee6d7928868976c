from pytest_django.asserts import assertContains

from cooperation.rest.docs import homes
from tests.cooperation.rest.programs import RESOURCES

# Lists of ISO, and the sectors of the CAD.
UNTOLD = {"CountryEnum", "CurrencyEnum", "DacCodeEnum", "LanguageEnum"}


def test_the_page_for_people_says_the_same_without_a_script(client, description):
    index = client.get("/api/docs/")
    pages = ""
    for name in ("batch", *RESOURCES.split()):
        assertContains(index, f"/api/docs/{name}/")
        page = client.get(f"/api/docs/{name}/")
        assert page.status_code == 200
        pages += page.content.decode()
    for path in description["paths"]:
        assert path in pages
    told = {name for name in description["components"]["schemas"] if "Blank" not in name}
    assert {name for name in told if f'id="{name}"' not in pages} <= UNTOLD
    # A page that repeated what others tell was too heavy for the line of a phone.
    own = homes(description)
    assert own["Convention"] == "conventions"
    assert {name: pages.count(f'id="{name}"') for name in own} == dict.fromkeys(own, 1)
    assertContains(client.get("/api/docs/conventions/"), "/api/docs/documents/#Document")
    assert '<script src="http' not in pages
    assert client.get("/api/docs/rien/").status_code == 404
    schema = client.get("/api/schema/")
    assert schema["Content-Type"] == "application/vnd.oai.openapi+json"
    assert schema.json()["paths"].keys() == description["paths"].keys()
    assert client.get("/api/schema/", headers={"if-none-match": schema["ETag"]}).status_code == 304
