"""What a page says about being kept by a browser, a proxy, or the registry."""

import pytest

ADDRESSES = [
    "/",
    "/conventions/",
    "/conventions/export.csv",
    "/conventions/flux.atom",
    "/connexion/",
    "/admin/agreements/convention/add/",
    "/nulle-part/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_asked_for_with_a_session_is_kept_for_its_reader_alone(secretariat, address):
    """On a shared telephone or behind a proxy, the next person would be given an office's own page."""
    assert "private" in secretariat.get(address)["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/conventions/", "/conventions/export.csv"])
def test_a_visitors_page_may_be_shared(client, db, address):
    assert "private" not in client.get(address).get("Cache-Control", "")
