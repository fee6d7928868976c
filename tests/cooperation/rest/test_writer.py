import pytest

from actions.models import Action
from agreements.models import Convention, LegalStep
from cooperation.models import ApiToken, Theme
from cooperation.records.gates import Status
from cooperation.records.history import events
from cooperation.roles import Role
from reports.opendata.resources import WRITTEN
from tests.cooperation.rest.programs import CONVENTIONS, WRITE, Program, address, refused
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


def test_a_convention_with_all_its_lines_is_entered(program, parakou, orleans):
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
    assert (event.history_user, event.history_change_reason) == (
        program.user,
        "Par le jeton « Essai ».",
    )
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
def test_no_value_in_any_field_breaks_anything(office, draft, name):
    fields = [*WRITTEN[name].writable.whole, *WRITTEN[name].writable.fields]
    for value in ("", None, "x", "#", 7, [], {}):
        for body in (dict.fromkeys(fields, value), {fields[0]: value}):
            response = office.post(f"/api/v1/{name}/", {"convention": draft.reference} | body)
            assert response.status_code in (201, 422), (body, response.content)


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


def test_what_is_published_keeps_its_terms(program, office, draft):
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
    (error,) = refused(office.patch(address(draft), {"title": "Autre"}, draft.version), 422)
    assert error["field"] == "reason"
    body = {"title": "Autre", "reason": "Faute de frappe"}
    assert office.patch(address(draft), body, draft.version).status_code == 200
    assert draft.history.first().history_change_reason == "Faute de frappe"


def test_a_line_of_what_is_published_is_corrected_with_a_reason(office, draft):
    """In the pages the form of the convention asks for it, around them."""
    avenant = make_avenant(draft, number=1, purpose="Prolonger")
    lines = {"avenants": (avenant, "purpose"), "parties": (draft.parties.first(), "note")}
    lines["legal-steps"] = (
        LegalStep.objects.create(convention=draft, kind="deliberation"),
        "number",
    )
    draft.publish(office.token.user)
    avenant.publish(office.token.user)
    for resource, (line, name) in lines.items():
        line.refresh_from_db()
        where = f"/api/v1/{resource}/{line.uid}/"
        (error,) = refused(office.patch(where, {name: "Corrigé"}, line.version), 422)
        assert error["field"] == "reason"
        body = {name: "Corrigé", "reason": "Erreur de copie"}
        assert office.patch(where, body, line.version).status_code == 200
        assert line.history.first().history_change_reason == "Erreur de copie"
    party = {"convention": draft.reference, "partner": make_partner(**published()).slug}
    (error,) = refused(office.post("/api/v1/parties/", party), 422)
    assert (error["field"], error["code"]) == ("reason", "required")
    party["reason"] = "Oubliée"
    assert office.post("/api/v1/parties/", party).status_code == 201
    later = {"convention": draft.reference, "number": 2, "purpose": "Ajouter un axe"}
    assert office.post("/api/v1/avenants/", later).status_code == 201


def test_a_reason_may_be_given_and_is_kept(program, office, draft):
    body = {"note": "Vu", "reason": "Relecture"}
    assert program.patch(address(draft), body, draft.version).status_code == 200
    assert draft.history.first().history_change_reason == "Relecture"
    draft.refresh_from_db()
    draft.publish(office.token.user)
    draft.refresh_from_db()
    for reason in ("", None):
        body = {"note": "Encore", "reason": reason}
        (error,) = refused(office.patch(address(draft), body, draft.version), 422)
        assert error["field"] == "reason"


def test_nobody_writes_what_is_not_theirs(draft, office):
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
    draft.publish(office.token.user)
    refused(stranger.patch(address(draft), {"note": "x"}, draft.version), 403)
    assert not draft.history.filter(history_user=stranger.token.user).exists()


def test_members_write_nothing(draft):
    member = Program(make_user(Role.MEMBER))
    refused(member.post(CONVENTIONS, {"title": "x"}), 403)
    refused(member.patch(address(draft), {"note": "x"}, draft.version), 403)


def test_only_the_secretariat_publishes(program, office, draft):
    steps = f"{address(draft)}steps/"
    refused(program.post(steps, {"step": "publier"}, version=draft.version), 403)
    refused(program.post(steps, {"step": "voler"}, version=draft.version), 422)
    refused(office.post(steps, {"step": "publier"}), 428)
    done = office.post(steps, {"step": "publier"}, version=draft.version)
    assert done.json()["status"] == "publie"
    version = done.json()["version"]
    assert refused(office.post(steps, {"step": "retirer"}, version=version), 422)
    gone = office.post(steps, {"step": "retirer", "reason": "Erreur"}, version=version)
    assert gone.json()["status"] == "retire"


def test_what_changed_before_publication_is_not_told_to_others(program, office, draft):
    """The answer to an old version would tell what a draft once held."""
    draft.publish(office.token.user)
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


def test_an_indicator_gets_its_values(program, draft):
    indicator = make_indicator(draft)
    body = {"indicator": indicator.uid, "value": "12.5", "measured_on": "2020", "source": "Rapport"}
    assert program.post("/api/v1/measurements/", body).json()["value"] == "12.5000"
    # A value without its source is none.
    del body["source"]
    assert refused(program.post("/api/v1/measurements/", body), 422)


def test_a_draft_goes_by_the_rules_of_the_entry_pages(program, office, draft, orleans):
    party = draft.parties.get(partner=orleans)
    line = f"/api/v1/parties/{party.uid}/"
    refused(program.send("delete", line), 428)
    refused(program.send("delete", line, version=99), 412)
    assert program.send("delete", line, version=party.version).status_code == 204
    assert events(draft, office.user)[0].is_deletion
    action = make_action(draft)
    (error,) = refused(program.send("delete", address(draft), version=draft.version), 422)
    assert "s’y rattachent" in error["detail"]
    assert program.send("delete", address(action), version=action.version).status_code == 204
    draft.refresh_from_db()
    assert program.send("delete", address(draft), version=draft.version).status_code == 204
    assert not Convention.objects.exists()
    refused(program.get(address(draft)), 404)


def test_nothing_published_goes_and_nothing_of_others(program, office, draft):
    draft.publish(office.user)
    draft.refresh_from_db()
    for client in (program, office):
        refused(client.send("delete", address(draft), version=draft.version), 422)
    theirs = make_convention([make_partner(), make_partner()])
    refused(program.send("delete", address(theirs), version=theirs.version), 404)
    theirs.publish(office.user)
    theirs.refresh_from_db()
    refused(program.send("delete", address(theirs), version=theirs.version), 403)
    member = Program(make_user(Role.MEMBER), scope=WRITE)
    kept = make_convention()
    refused(member.send("delete", address(kept), version=kept.version), 403)
    reader = Program(program.user, scope=ApiToken.Scope.READ)
    own = make_convention([program.user.partner, make_partner()])
    refused(reader.send("delete", address(own), version=own.version), 403)
    assert Convention.objects.count() == 4


def test_a_deletion_is_done_once_under_its_key(program, draft):
    first = program.send("delete", address(draft), version=draft.version, key="k1")
    again = program.send("delete", address(draft), version=draft.version, key="k1")
    assert (first.status_code, again.status_code) == (204, 204)
    assert again["Idempotent-Replayed"] == "true"
