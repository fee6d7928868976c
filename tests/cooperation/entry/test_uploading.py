from django.test import Client
from django.urls import reverse

from cooperation.entry.uploading import MOST_AT_ONCE
from cooperation.models import Upload
from cooperation.roles import Role
from tests.factories import PDF, make_user

BEGIN = reverse("upload_begin")
BYTES = "application/octet-stream"


WHOLE = len(PDF)


def begin(client, size=WHOLE):
    return client.post(BEGIN, {"name": "scan.pdf", "size": size})


def test_a_cut_upload_goes_on(agent):
    address = begin(agent).json()["address"]
    agent.post(f"{address}?de=0", PDF[:50], content_type=BYTES)
    assert agent.get(address).json()["received"] == 50
    state = agent.post(f"{address}?de=50", PDF[50:], content_type=BYTES).json()
    assert state["received"] == len(PDF)
    assert Upload.objects.get().opened().read() == PDF


def test_what_is_wrong_is_told_in_french(agent):
    for size in ("", "0", "x", "9" * 30):
        assert "vide" in begin(agent, size).json()["error"], size
    assert "20 Mo" in begin(agent, 2**30).json()["error"]
    address = begin(agent).json()["address"]
    for offset in ("", "x", "-1", "9" * 20):
        answer = agent.post(f"{address}?de={offset}", b"x", content_type=BYTES)
        assert answer.status_code == 400 and answer.json()["error"], offset
    large = agent.post(f"{address}?de=0", b"x" * (MOST_AT_ONCE + 1), content_type=BYTES)
    assert large.status_code == 400
    program = b"MZ" + bytes(100)
    address = begin(agent, len(program)).json()["address"]
    answer = agent.post(f"{address}?de=0", program, content_type=BYTES)
    assert "type accepté" in answer.json()["error"]


def test_an_upload_is_its_person_s_alone(agent, parakou):
    address = begin(agent).json()["address"]
    colleague = Client()
    colleague.force_login(make_user(Role.COMMUNE, partner=parakou))
    for ask in (colleague.get, colleague.delete):
        assert ask(address).status_code == 404
    answer = colleague.post(f"{address}?de=0", PDF, content_type=BYTES)
    assert answer.status_code == 404
    assert agent.delete(address).status_code == 200
    assert not Upload.objects.exists()


def test_whoever_enters_nothing_sends_nothing(client):
    assert begin(client).status_code == 302
    client.force_login(make_user(Role.MEMBER))
    assert begin(client).status_code == 403


def test_a_page_of_another_site_sends_nothing(agent):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent.user)
    assert begin(strict).status_code == 403


def test_a_form_is_no_piece(agent):
    address = begin(agent).json()["address"]
    answer = agent.post(f"{address}?de=0", {"file": "x"})
    assert answer.status_code == 400 and answer.json()["error"]


def test_what_was_cut_as_it_was_looked_into_is_asked_for_again(agent, monkeypatch):
    """Every byte was there, the answer never came: the form waited for ever."""
    address = begin(agent).json()["address"]
    with monkeypatch.context() as cut:
        cut.setattr(Upload, "look_into", lambda self: None)
        state = agent.post(f"{address}?de=0", PDF, content_type=BYTES).json()
    assert (state["received"], state["ready"]) == (len(PDF), False)
    state = agent.post(f"{address}?de={len(PDF)}", b"", content_type=BYTES).json()
    assert state["ready"]
