"""Programs write as people do: with a token, through the same gates, rules and history."""

import html
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import Action, BudgetLine
from agreements.models import Convention, LegalStep
from cooperation.models import ApiToken, IdempotentResponse, Partner, Theme
from cooperation.records.gates import Status
from cooperation.rest.problems import CONTENT_TYPE
from cooperation.roles import Role
from reports.opendata.resources import WRITTEN
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_document,
    make_indicator,
    make_partner,
    make_user,
    published,
)

CONVENTIONS = "/api/v1/conventions/"
BATCH = "/api/v1/batch/"
WRITE = ApiToken.Scope.WRITE


class Program:
    """A client with a token and nothing else."""

    def __init__(self, user, scope=WRITE, **facts):
        self.client = Client()
        self.token = ApiToken(user=user, name="Essai", scope=scope, **facts)
        self.secret = self.token.give()

    def send(self, method, address, body=None, version=None, key=None, etag=None):
        headers = {"authorization": f"Bearer {self.secret}"}
        if etag is not None:
            headers["if-none-match"] = etag
        if version is not None:
            headers["if-match"] = str(version)
        if key is not None:
            headers["idempotency-key"] = key
        facts = (
            {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        )
        return getattr(self.client, method)(address, headers=headers, **facts)

    def get(self, address):
        return self.send("get", address)

    def post(self, address, body, **kwargs):
        return self.send("post", address, body, **kwargs)

    def patch(self, address, body, version=None, **kwargs):
        return self.send("patch", address, body, version, **kwargs)


@pytest.fixture
def agent(parakou):
    return make_user(Role.COMMUNE, partner=parakou, username="agent")


@pytest.fixture
def program(agent):
    return Program(agent)


@pytest.fixture
def secretary():
    return Program(make_user(Role.SECRETARIAT))


@pytest.fixture
def draft(parakou, orleans):
    return make_convention([parakou, orleans], title="Avant")


def address(record):
    names = {"convention": "conventions", "budgetline": "budget-lines", "action": "actions"}
    key = getattr(record, record.address_field)
    return f"/api/v1/{names[record._meta.model_name]}/{key}/"


def refused(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == CONTENT_TYPE
    return response.json().get("errors", [])


def test_the_batch_that_the_page_shows_is_one_that_works(client, secretary, orleans):
    page = client.get("/api/docs/").content.decode()
    shown = html.unescape(page.partition("<pre")[2].partition("<code>")[2].partition("</code>")[0])
    response = secretary.post(BATCH, json.loads(shown))
    assert response.status_code == 200, response.content.decode()
    convention = Convention.objects.get()
    assert (convention.title, convention.parties.get().partner) == ("Orléans – Parakou", orleans)
    example = client.get("/api/schema/").json()["paths"][BATCH]["post"]["requestBody"]
    (told,) = example["content"]["application/json"]["examples"].values()
    assert told["value"] == json.loads(shown)


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_digest(sign_in):
    person = sign_in(Role.COMMUNE)
    page = person.post("/compte/jetons/", {"name": "Suivi eau", "scope": "saisie"})
    token = ApiToken.objects.get()
    (secret,) = {
        word
        for word in page.content.decode().replace("<", " ").replace(">", " ").split()
        if word.startswith("rcd_")
    }
    assert secret not in str(vars(token))
    assert page["Cache-Control"] == "no-store"
    later = person.get("/compte/jetons/")
    assertContains(later, "Suivi eau")
    assertNotContains(later, "rcd_")
    headers = {"authorization": f"Bearer {secret}"}
    assert Client().get(CONVENTIONS, headers=headers).status_code == 200
    person.post(f"/compte/jetons/{token.reference}/revoquer/")
    assertContains(person.get("/compte/jetons/"), "révoqué le")
    refused(Client().get(CONVENTIONS, headers=headers), 401)


def test_a_token_is_its_person_s_alone_to_revoke(sign_in, program):
    other = sign_in(Role.SECRETARIAT)
    assert other.post(f"/compte/jetons/{program.token.reference}/revoquer/").status_code == 404
    assert program.get(CONVENTIONS).status_code == 200


def test_who_enters_nothing_is_offered_to_read_only(sign_in):
    member = sign_in(Role.MEMBER)
    assertNotContains(member.get("/compte/jetons/"), "saisir ce que je peux")
    member.post("/compte/jetons/", {"name": "Lecture", "scope": "saisie"})
    assert ApiToken.objects.get().scope == ApiToken.Scope.READ


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31", "demain"])
def test_a_day_that_makes_no_sense_is_refused(sign_in, day):
    page = sign_in(Role.MEMBER).post("/compte/jetons/", {"name": "X", "expires_on": day})
    assertContains(page, 'role="alert"')
    assert not ApiToken.objects.exists()


def test_a_token_that_is_over_or_whose_person_has_left_opens_nothing(agent):
    over = Program(agent, expires_on=timezone.localdate() - timedelta(days=1))
    refused(over.get(CONVENTIONS), 401)
    program = Program(agent, expires_on=timezone.localdate())
    assert program.get(CONVENTIONS).status_code == 200
    agent.is_active = False
    agent.save()
    response = program.get(CONVENTIONS)
    refused(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("said", ["Bearer x", "Basic YTpi", "Bearer", "Bearer \xe9", "rcd_x"])
def test_what_is_no_token_is_refused_and_not_taken_for_a_visitor(client, said):
    refused(client.get(CONVENTIONS, headers={"authorization": said}), 401)


def test_a_token_reads_what_its_person_sees_and_nobody_else_is_served_it(program, client, draft):
    response = program.get(address(draft))
    assert response.json()["title"] == "Avant"
    etag = response["ETag"]
    assert etag.startswith(f'W/"{draft.version}.')
    again = program.send("get", address(draft), etag=etag)
    assert (again.status_code, again["ETag"]) == (304, etag)
    assert "RateLimit-Remaining" in again
    assert program.send("get", address(draft), version=99).status_code == 200
    assert "private" in response["Cache-Control"]
    assert client.get(address(draft)).status_code == 404
    listed = program.get(CONVENTIONS)
    assert [row["reference"] for row in listed.json()["results"]] == [draft.reference]
    assert client.get(CONVENTIONS).json()["results"] == []
    other = Program(make_user(Role.COMMUNE))
    assert other.get(address(draft)).status_code == 404


# Writing


def test_a_convention_with_all_its_lines_is_entered(program, agent, parakou, orleans):
    Theme.objects.create(name="Eau", slug="eau")
    made = program.post(
        CONVENTIONS,
        {
            "title": "Orléans – Parakou",
            "kind": "jumelage",
            "starts_on": "2019-11",
            "themes": ["eau"],
            "source": "Texte signé",
        },
    )
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["status"], row["starts_on"], row["themes"]) == ("brouillon", "2019-11", ["eau"])
    # An agent who forgets their own commune would lose sight of the entry.
    assert [one["partner"]["slug"] for one in row["parties"]] == ["parakou"]
    assert made["Location"].endswith(f"{CONVENTIONS}{row['reference']}/")
    assert program.get(made["Location"]).json() == row
    whole = {"convention": row["reference"]}
    for name, body in (
        ("parties", {"partner": "orleans", "role": "chef-de-file"}),
        (
            "avenants",
            {
                "purpose": "Prolonger",
                "ends_on": "2022",
                "budget_change": "-5.50",
                "currency": "EUR",
            },
        ),
        ("legal-steps", {"kind": "deliberation", "partner": "parakou", "number": "12/2019"}),
        ("axes", {"title": "Eau potable"}),
        ("actions", {"title": "Puits", "places": ["parakou"], "planned_start": "2020"}),
        (
            "budget-lines",
            {"amount": "1123884.00", "currency": "EUR", "funder": "orleans", "year": 2020},
        ),
        ("indicators", {"name": "Ménages servis", "unit": "ménages", "target": "100"}),
    ):
        line = program.post(f"/api/v1/{name}/", whole | body)
        assert line.status_code == 201, (name, line.content)
    uid = program.get(f"/api/v1/budget-lines/?convention={row['reference']}").json()["results"][0][
        "uid"
    ]
    paid = program.post(
        "/api/v1/disbursements/",
        {"budget_line": uid, "amount": "10", "currency": "EUR", "paid_on": "2020"},
    )
    assert paid.json()["convention"] == row["reference"]
    convention = Convention.objects.get()
    assert convention.budget_lines.get().amount == 1_123_884
    event = convention.history.first()
    assert (event.history_user, event.history_change_reason) == (agent, "Par le jeton « Essai ».")
    step = f"{CONVENTIONS}{row['reference']}/steps/"
    sent = program.post(step, {"step": "soumettre"}, version=convention.version)
    assert sent.json()["status"] == "soumis", sent.content


def test_a_field_that_makes_no_sense_is_named_with_what_is_allowed(program):
    Theme.objects.create(name="Eau", slug="eau")
    errors = refused(
        program.post(
            CONVENTIONS,
            {
                "title": "",
                "kind": "pacte",
                "starts_on": "hier",
                "themes": ["zzz"],
                "predecessor": "CONV-1",
            },
        ),
        422,
    )
    told = {error["field"]: error for error in errors}
    assert told.keys() == {"title", "kind", "starts_on", "themes", "predecessor"}
    assert "jumelage" in told["kind"]["allowed"]
    assert "« hier » n’est pas une date" in told["starts_on"]["detail"]
    assert "2019-11-14" in told["starts_on"]["detail_en"]
    assert "eau" in told["themes"]["allowed"]
    assert told["title"]["detail_en"] == "Give a value."
    assert not Convention.objects.exists()
    headers = {"authorization": f"Bearer {program.secret}"}
    broken = program.client.post(CONVENTIONS, "{", content_type="application/json", headers=headers)
    (error,) = refused(broken, 400)
    assert error["code"] == "no_json"


@pytest.mark.parametrize("name", WRITTEN)
def test_no_value_in_any_field_breaks_anything(secretary, draft, name):
    fields = [*WRITTEN[name].writable.whole, *WRITTEN[name].writable.fields]
    for value in ("", None, "x", "#", 7, [], {}):
        for body in (dict.fromkeys(fields, value), {fields[0]: value}):
            response = secretary.post(f"/api/v1/{name}/", {"convention": draft.reference} | body)
            assert response.status_code in (201, 422), (body, response.content)


@pytest.mark.parametrize("method", ["options", "put", "delete", "trace"])
def test_methods_that_there_are_not_are_refused(program, draft, method):
    for path in (CONVENTIONS, address(draft), f"{address(draft)}steps/", BATCH, "/api/v1/themes/"):
        assert program.send(method, path).status_code == 405, path


@pytest.mark.parametrize(
    "body",
    [
        {"title": 1.5},
        {"title": True},
        {"title": ["x"]},
        {"title": {"a": 1}},
        {"title": "x", "themes": "eau"},
        {"title": "x", "themes": [["eau"]]},
        {"title": "x", "status": "publie"},
        {"title": "x", "reference": "CONV-1"},
        {"title": "x", "version": 3},
        {"title": "a\x00b"},
        {"title": "x", "predecessor": "#rien"},
        {"title": "x" * 300},
        [],
        "x",
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is(program, body):
    assert refused(program.post(CONVENTIONS, body), 422)
    assert not Convention.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b'{"title": "' + b"x" * 6_000_000 + b'"}', "application/json", 413),
    ],
    ids=["cut", "deep", "encoding", "nan", "form", "large"],
)
def test_what_is_no_json_is_refused(program, content, kind, status):
    headers = {"authorization": f"Bearer {program.secret}"}
    response = program.client.generic("POST", CONVENTIONS, content, kind, headers=headers)
    refused(response, status)


def test_a_change_says_what_it_was_made_on(program, draft):
    refused(program.patch(address(draft), {"title": "Après"}), 428)
    changed = program.patch(address(draft), {"title": "Après"}, f'"{draft.version}"')
    assert (changed.status_code, changed.json()["title"]) == (200, "Après")
    assert changed["ETag"] == f'W/"{draft.version + 1}"'
    errors = refused(program.patch(address(draft), {"title": "Trop tard"}, draft.version), 412)
    assert errors[0]["field"] == "title"
    assert "« Avant » est devenu « Après »" in errors[0]["detail"]
    draft.refresh_from_db()
    assert draft.title == "Après"


def test_only_the_fields_given_change(program, draft):
    theme = Theme.objects.create(name="Eau", slug="eau")
    draft.themes.add(theme)
    draft.documents.add(make_document(**published()))
    draft.refresh_from_db()
    before = program.get(address(draft)).json()
    after = program.patch(address(draft), {"note": "Une note"}, draft.version).json()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"note", "version", "updated_at"}
    cleared = program.patch(
        address(draft), {"themes": [], "ends_on": None}, after["version"]
    ).json()
    assert (cleared["themes"], cleared["ends_on"]) == ([], None)


def test_rules_of_several_fields_hold_when_one_of_them_is_sent(program, draft):
    errors = refused(program.patch(address(draft), {"ends_on": "2018"}, draft.version), 422)
    assert "La fin précède le début" in errors[0]["detail"]


def test_what_is_published_keeps_its_terms(program, secretary, draft):
    line = make_budget_line(draft)
    draft.publish(make_user(Role.SECRETARIAT))
    draft.refresh_from_db()
    errors = refused(program.patch(address(draft), {"title": "Autre"}, draft.version), 422)
    assert "avenant" in errors[0]["detail"]
    refused(program.patch(address(line), {"amount": "9"}, line.version), 422)
    refused(
        program.post("/api/v1/parties/", {"convention": draft.reference, "partner": "parakou"}), 422
    )
    # What is no term may change; and the secretariat corrects, saying why.
    r = program.patch(address(draft), {"note": "Vu"}, draft.version)
    assert r.status_code == 200, r.content.decode()
    draft.refresh_from_db()
    (error,) = refused(secretary.patch(address(draft), {"title": "Autre"}, draft.version), 422)
    assert error["field"] == "reason"
    body = {"title": "Autre", "reason": "Faute de frappe"}
    assert secretary.patch(address(draft), body, draft.version).status_code == 200
    assert draft.history.first().history_change_reason == "Faute de frappe"


def test_a_line_of_what_is_published_is_corrected_with_a_reason(secretary, draft):
    """In the pages the form of the convention asks for it, around them."""
    avenant = make_avenant(draft, number=1, purpose="Prolonger")
    lines = {"avenants": (avenant, "purpose"), "parties": (draft.parties.first(), "note")}
    lines["legal-steps"] = (
        LegalStep.objects.create(convention=draft, kind="deliberation"),
        "number",
    )
    draft.publish(secretary.token.user)
    avenant.publish(secretary.token.user)
    for resource, (line, name) in lines.items():
        line.refresh_from_db()
        where = f"/api/v1/{resource}/{line.uid}/"
        (error,) = refused(secretary.patch(where, {name: "Corrigé"}, line.version), 422)
        assert error["field"] == "reason"
        body = {name: "Corrigé", "reason": "Erreur de copie"}
        assert secretary.patch(where, body, line.version).status_code == 200
        assert line.history.first().history_change_reason == "Erreur de copie"
    party = {"convention": draft.reference, "partner": make_partner(**published()).slug}
    (error,) = refused(secretary.post("/api/v1/parties/", party), 422)
    assert (error["field"], error["code"]) == ("reason", "required")
    party["reason"] = "Oubliée"
    assert secretary.post("/api/v1/parties/", party).status_code == 201
    later = {"convention": draft.reference, "number": 2, "purpose": "Ajouter un axe"}
    assert secretary.post("/api/v1/avenants/", later).status_code == 201


def test_a_reason_may_be_given_and_is_kept(program, secretary, draft):
    body = {"note": "Vu", "reason": "Relecture"}
    assert program.patch(address(draft), body, draft.version).status_code == 200
    assert draft.history.first().history_change_reason == "Relecture"
    draft.refresh_from_db()
    draft.publish(secretary.token.user)
    draft.refresh_from_db()
    for reason in ("", None):
        body = {"note": "Encore", "reason": reason}
        (error,) = refused(secretary.patch(address(draft), body, draft.version), 422)
        assert error["field"] == "reason"


def test_nobody_writes_what_is_not_theirs(draft, secretary):
    action, line = make_action(draft), make_budget_line(draft)
    stranger = Program(make_user(Role.COMMUNE))
    for record in (draft, action, line):
        refused(stranger.patch(address(record), {"source": "x"}, record.version), 404)
    for name, body in (
        ("actions", {"title": "x"}),
        ("budget-lines", {"amount": "1", "currency": "EUR"}),
        ("parties", {"partner": "parakou"}),
        ("indicators", {"name": "x", "unit": "x"}),
    ):
        errors = refused(
            stranger.post(f"/api/v1/{name}/", {"convention": draft.reference} | body), 422
        )
        assert errors[0]["field"] == "convention"
    mine = make_convention([stranger.token.user.partner])
    body = {
        "convention": mine.reference,
        "action": action.reference,
        "amount": "1",
        "currency": "EUR",
    }
    errors = refused(stranger.post("/api/v1/budget-lines/", body), 422)
    assert errors[0]["field"] == "action"
    draft.publish(secretary.token.user)
    refused(stranger.patch(address(draft), {"note": "x"}, draft.version), 403)
    assert not draft.history.filter(history_user=stranger.token.user).exists()


def test_a_token_to_read_writes_nothing(agent, draft):
    reader = Program(agent, ApiToken.Scope.READ)
    assert reader.get(address(draft)).status_code == 200
    refused(reader.patch(address(draft), {"note": "x"}, draft.version), 403)
    refused(reader.post(CONVENTIONS, {"title": "x"}), 403)
    refused(reader.post(BATCH, {"operations": []}), 403)


def test_members_write_nothing(draft):
    member = Program(make_user(Role.MEMBER))
    refused(member.post(CONVENTIONS, {"title": "x"}), 403)
    refused(member.patch(address(draft), {"note": "x"}, draft.version), 403)


def test_a_cookie_does_not_write(sign_in, parakou, draft):
    commune_agent = sign_in(Role.COMMUNE, partner=parakou)
    body = json.dumps({"note": "x"})
    response = commune_agent.patch(
        address(draft), body, "application/json", headers={"if-match": "1"}
    )
    refused(response, 403)


def test_only_the_secretariat_publishes(program, secretary, draft):
    steps = f"{address(draft)}steps/"
    refused(program.post(steps, {"step": "publier"}, version=draft.version), 403)
    refused(program.post(steps, {"step": "voler"}, version=draft.version), 422)
    refused(secretary.post(steps, {"step": "publier"}), 428)
    done = secretary.post(steps, {"step": "publier"}, version=draft.version)
    assert done.json()["status"] == "publie"
    version = done.json()["version"]
    assert refused(secretary.post(steps, {"step": "retirer"}, version=version), 422)
    gone = secretary.post(steps, {"step": "retirer", "reason": "Erreur"}, version=version)
    assert gone.json()["status"] == "retire"


def test_a_partner_that_an_agent_enters_is_a_draft_of_theirs(program, parakou):
    made = program.post("/api/v1/partners/", {"name": "Ville nouvelle", "country": "FR"})
    partner = Partner.objects.get(slug=made.json()["slug"])
    assert (partner.status, partner.entered_by) == (Status.DRAFT, parakou)
    secretary = Program(make_user(Role.SECRETARIAT))
    made = secretary.post("/api/v1/partners/", {"name": "Fonds", "kind": "bailleur"})
    assert Partner.objects.get(slug=made.json()["slug"]).is_published


def test_what_changed_before_publication_is_not_told_to_others(program, secretary, draft):
    """The answer to an old version would tell what a draft once held."""
    draft.publish(secretary.token.user)
    stranger = Program(make_user(Role.COMMUNE))
    for version in (1, 2, 99):
        refused(
            stranger.post(f"{address(draft)}steps/", {"step": "soumettre"}, version=version), 403
        )


def test_an_agent_goes_on_with_what_is_published(program, draft, orleans):
    action = make_action(draft, number=3, progress=10, description="  - liste\n  - deux\n")
    hidden = make_partner(name="Secret", **{"status": Status.DRAFT, "published_at": None})
    Action.objects.filter(pk=action.pk).update(description="  - liste\n  - deux\n")
    draft.publish(make_user(Role.SECRETARIAT))
    action.implementers.set([hidden, orleans])
    action.refresh_from_db()
    same = program.patch(address(action), {}, action.version)
    assert (same.status_code, same.json()["version"]) == (200, action.version)
    body = {"results": "Trois puits", "implementers": []}
    changed = program.patch(address(action), body, action.version)
    assert changed.json()["results"] == "Trois puits", changed.content
    action.refresh_from_db()
    assert action.description.startswith("  - liste")
    # Whom they do not see stays, and is no name that they may give.
    assert list(action.implementers.all()) == [hidden]
    (error,) = refused(
        program.patch(address(action), {"implementers": [hidden.slug]}, action.version), 422
    )
    assert error["field"] == "implementers"


def test_a_published_document_does_not_leave_its_avenant(program, draft):
    avenant = make_avenant(draft)
    avenant.documents.add(make_document())
    draft.publish(make_user(Role.SECRETARIAT))
    avenant.refresh_from_db()
    path = f"/api/v1/avenants/{avenant.uid}/"
    (error,) = refused(program.patch(path, {"documents": []}, avenant.version), 422)
    assert error["field"] == "documents"
    assert avenant.documents.count() == 1


@pytest.mark.parametrize("reason", ["a\x00b", "x" * 2001, ["a"], {"a": 1}, 1.5])
def test_a_reason_is_a_text_that_can_be_read(program, draft, reason):
    body = {"step": "soumettre", "reason": reason}
    refused(program.post(f"{address(draft)}steps/", body, version=draft.version), 422)


def test_numbers_and_depths_that_nothing_holds_are_refused(program):
    for odds in (["9223372036854775808"], [2**63], ["-1"], ["²"]):
        refused(program.post(CONVENTIONS, {"title": "x", "odds": odds}), 422)
    deep = "[" * 900 + "]" * 900
    headers = {"authorization": f"Bearer {program.secret}"}
    content = f'{{"title": {deep}}}'
    response = program.client.generic(
        "POST", CONVENTIONS, content, "application/json", headers=headers
    )
    refused(response, 422)


def test_a_version_that_is_none_is_refused(program, draft):
    (error,) = refused(program.patch(address(draft), {"note": "x"}, '"abc"'), 400)
    assert error["parameter"] == "If-Match"


def test_a_token_that_is_over_leaves_room_for_another(sign_in):
    person = sign_in(Role.MEMBER)
    for number in range(20):
        token = ApiToken(user=person.user, name=str(number), expires_on="2020-01-01")
        token.give()
    assertContains(person.get("/compte/jetons/"), "expiré le")
    person.post("/compte/jetons/", {"name": "Neuf"})
    assert ApiToken.objects.filter(name="Neuf").exists()


def test_an_answer_is_forgotten_after_a_week(program):
    program.post(CONVENTIONS, {"title": "x"}, key="vieille")
    IdempotentResponse.objects.update(created_at=timezone.now() - timedelta(days=8))
    program.post(CONVENTIONS, {"title": "y"}, key="neuve")
    assert [one.key for one in IdempotentResponse.objects.all()] == ["neuve"]


# The same twice


def test_the_same_request_is_done_once_under_a_key(program):
    body = {"title": "Une fois"}
    first = program.post(CONVENTIONS, body, key="abc")
    again = program.post(CONVENTIONS, body, key="abc")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert again["Idempotent-Replayed"] == "true"
    assert Convention.objects.count() == 1
    (error,) = refused(program.post(CONVENTIONS, {"title": "Autre"}, key="abc"), 409)
    assert error["parameter"] == "Idempotency-Key"
    # A key is a person's own, and what was refused may be sent again.
    assert (
        Program(make_user(Role.SECRETARIAT)).post(CONVENTIONS, body, key="abc").status_code == 201
    )
    refused(program.post(CONVENTIONS, {"title": ""}, key="def"), 422)
    assert program.post(CONVENTIONS, {"title": "x"}, key="def").status_code == 201
    for key in ("x" * 101, "", "a b", "clé"):
        refused(program.post(CONVENTIONS, body, key=key), 400)


def test_an_answer_and_what_it_wrote_are_kept_together(program, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(IdempotentResponse.objects, "create", fail)
    with pytest.raises(RuntimeError):
        program.post(CONVENTIONS, {"title": "x"}, key="abc")
    assert not Convention.objects.exists()


# Batches


def operations(number):
    yield {"method": "POST", "resource": "conventions", "id": "#c", "body": {"title": "Lot"}}
    for n in range(1, number):
        body = {"convention": "#c", "title": f"Action {n}"}
        yield {"method": "POST", "resource": "actions", "id": f"#a{n}", "body": body}


def test_a_batch_refers_to_what_it_has_just_made(program, draft):
    line = {"convention": "#c", "action": "#a1", "amount": "12.50", "currency": "EUR"}
    change = {"method": "PATCH", "resource": "conventions", "key": draft.reference}
    done = program.post(
        BATCH,
        {
            "operations": [
                *operations(3),
                {"method": "POST", "resource": "budget-lines", "body": line},
                change | {"version": draft.version, "body": {"note": "Vu"}},
            ]
        },
        key="lot-1",
    )
    assert done.status_code == 200, done.content
    assert [one["resource"] for one in done.json()["results"]] == [
        "conventions",
        "actions",
        "actions",
        "budget-lines",
        "conventions",
    ]
    assert BudgetLine.objects.get().action == Action.objects.get(number=1)
    assert done.json()["results"][0]["key"] == Convention.objects.get(title="Lot").reference


def test_a_batch_with_one_fault_writes_nothing_and_tells_each(program, draft):
    given = [*operations(3)]
    given[1]["body"]["state"] = "zzz"
    given += [
        {
            "method": "POST",
            "resource": "budget-lines",
            "body": {"convention": "#c", "action": "#a1", "amount": "1", "currency": "XOF"},
        },
        {
            "method": "PATCH",
            "resource": "conventions",
            "key": draft.reference,
            "version": 99,
            "body": {},
        },
        {
            "method": "PATCH",
            "resource": "conventions",
            "key": "CONV-1900-0001",
            "version": 1,
            "body": {},
        },
        {"method": "PATCH", "resource": "conventions", "key": draft.reference, "body": {}},
        {"method": "DELETE", "resource": "users"},
        "rien",
    ]
    errors = refused(program.post(BATCH, {"operations": given}), 422)
    assert sorted({error["operation"] for error in errors}) == [1, 3, 4, 5, 6, 7, 8]
    assert {error["field"] for error in errors if error["operation"] == 1} == {"state"}
    assert list(Convention.objects.all()) == [draft]
    assert not Action.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": []},
        {"operations": [{}] * 1001},
        {"operations": "x"},
        [],
        {"operations": [{}], "x": 1},
    ],
)
def test_a_batch_has_bounds(program, body):
    refused(program.post(BATCH, body), 422)


def test_many_at_once(program):
    done = program.post(BATCH, {"operations": list(operations(40))})
    assert len(done.json()["results"]) == 40
    assert Action.objects.count() == 39


def test_an_indicator_gets_its_values(program, draft):
    indicator = make_indicator(draft)
    body = {"indicator": indicator.uid, "value": "12.5", "measured_on": "2020", "source": "Rapport"}
    assert program.post("/api/v1/measurements/", body).json()["value"] == "12.5000"
    # A value without its source is none.
    del body["source"]
    assert refused(program.post("/api/v1/measurements/", body), 422)


def test_a_partner_of_others_in_preparation_is_not_linked(program, draft):
    hidden = make_partner(name="Secret", status=Status.DRAFT, published_at=None)
    body = {"convention": draft.reference, "partner": hidden.slug}
    (error,) = refused(program.post("/api/v1/parties/", body), 422)
    assert error["field"] == "partner"
