import pytest
from django.urls import reverse

from tests.factories import PDF, make_document, published


@pytest.fixture
def address(db):
    return make_document(**published()).get_absolute_url()


def content(response):
    return b"".join(response.streaming_content)


def test_a_download_that_broke_goes_on_where_it_was(client, address):
    whole = client.get(address)
    assert (whole["Accept-Ranges"], whole["Content-Length"]) == ("bytes", str(len(PDF)))
    assert content(whole) == PDF
    rest = client.get(address, headers={"range": "bytes=10-"})
    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 10-{len(PDF) - 1}/{len(PDF)}"
    assert content(rest) == PDF[10:]
    assert rest["Content-Length"] == str(len(PDF) - 10)


@pytest.mark.parametrize(
    ("asked", "status", "found"),
    [
        ("bytes=0-4", 206, PDF[:5]),
        ("bytes=-5", 206, PDF[-5:]),
        ("bytes=2-999999", 206, PDF[2:]),
        ("bytes=-999999", 206, PDF),
        ("bytes=999999-", 416, b""),
        ("bytes=5-2", 200, PDF),
        ("bytes=-", 200, PDF),
        ("bytes=0-1,4-5", 200, PDF),
        ("lines=0-1", 200, PDF),
        ("bytes=x", 200, PDF),
    ],
)
def test_what_is_no_range_gets_the_file_whole(client, address, asked, status, found):
    response = client.get(address, headers={"range": asked})
    assert (response.status_code, content(response)) == (status, found)


def test_another_file_under_the_same_address_is_sent_whole(client, address):
    response = client.get(address, headers={"range": "bytes=10-", "if-range": '"ancien"'})
    assert (response.status_code, content(response)) == (200, PDF)


def test_a_file_that_is_made_anew_is_sent_whole(client, db):
    """A workbook of another second was joined to the beginning of the first: it opened no more."""
    address = reverse("convention_export", args=["xlsx"])
    first = client.get(address)
    assert content(first).startswith(b"PK")
    response = client.get(address, headers={"range": "bytes=10-", "if-range": first["ETag"]})
    assert response.status_code == 200
    assert content(response).startswith(b"PK")


def test_what_is_compressed_by_nature_keeps_its_length(client, address):
    response = client.get(address, headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(content(response)))
    page = client.get(reverse("convention_list"), headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
