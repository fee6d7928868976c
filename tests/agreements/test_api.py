from tests.factories import (
    make_convention,
    published,
)


def test_the_api_has_the_pages_filters(client, parakou, orleans):
    make_convention([orleans, parakou], title="Orléans", **published())
    make_convention(title="Autre", **published())
    make_convention(title="En préparation")
    listed = client.get("/api/v1/conventions/").json()
    assert listed["count"] == 2
    one = client.get("/api/v1/conventions/", {"q": "parakou orleans"}).json()["results"]
    assert [row["title"] for row in one] == ["Orléans"]
