"""From draft to publication and beyond: each step, who takes it, what it says and leaves."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention, Delegation
from cooperation.entry.workflow import STEPS, carry_out, open_steps, passages
from cooperation.records.gates import NOT_MERGED, Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.entry import add_line, page_data
from tests.factories import (
    PDF,
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.mails import delivered


@pytest.fixture
def ours(parakou, orleans):
    return make_convention([parakou, orleans], title="La nôtre")


@pytest.fixture
def people(parakou):
    return {
        "agent": make_user(Role.COMMUNE, partner=parakou, email="agent@example.org"),
        "other": make_user(Role.COMMUNE, email="other@example.org"),
        "member": make_user(Role.MEMBER, email="membre@example.org"),
        "secretariat": make_user(Role.SECRETARIAT, email="secretariat@example.org"),
    }


def address(record, slug):
    if isinstance(record, Convention):
        return reverse("convention_step", args=[record.reference, slug])
    return reverse("avenant_step", args=[record.convention.reference, record.number, slug])


def take(client, user, record, slug, **data):
    client.force_login(user)
    record.refresh_from_db()
    data.setdefault("version", record.version)
    response = client.post(address(record, slug), data)
    record.refresh_from_db()
    return response


# Every step from every status, and who may take it there.
ALLOWED = {
    ("brouillon", "soumettre"): {"agent", "secretariat"},
    ("renvoye", "soumettre"): {"agent", "secretariat"},
    ("soumis", "reprendre"): {"agent", "secretariat"},
    ("soumis", "renvoyer"): {"secretariat"},
    ("brouillon", "publier"): {"secretariat"},
    ("soumis", "publier"): {"secretariat"},
    ("renvoye", "publier"): {"secretariat"},
    ("publie", "retirer"): {"secretariat"},
    ("retire", "retablir"): {"secretariat"},
}


@pytest.mark.parametrize("slug", STEPS)
@pytest.mark.parametrize("status", NOT_MERGED)
def test_each_step_is_taken_by_those_who_may_from_where_it_may(client, ours, people, status, slug):
    facts = published(status=status) if status in ("publie", "retire") else {"status": status}
    Convention.objects.update(**facts)
    for name, user in people.items():
        ours.refresh_from_db()
        take(client, user, ours, slug, reason="Un motif")
        moved = ours.status != status
        assert moved == (name in ALLOWED.get((status, slug), ())), name
        Convention.objects.update(**facts)


def test_a_submission_is_told_to_the_secretariat_and_a_return_to_the_agents(client, ours, people):
    assert take(client, people["agent"], ours, "soumettre").status_code == 302
    assert [message.to for message in delivered()] == [["secretariat@example.org"]]
    assert "soumise" in mail.outbox[0].subject
    assert ours.get_absolute_url() in mail.outbox[0].body
    mail.outbox.clear()
    take(client, people["secretariat"], ours, "renvoyer", reason="Il manque la délibération.")
    assert [message.to for message in delivered()] == [["agent@example.org"]]
    assert "Il manque la délibération." in mail.outbox[0].body


def test_the_reason_of_a_return_stays_readable(client, ours, people):
    take(client, people["agent"], ours, "soumettre")
    take(client, people["secretariat"], ours, "renvoyer", reason="Il manque la délibération.")
    take(client, people["agent"], ours, "soumettre")
    take(client, people["secretariat"], ours, "publier")
    ours.note = "Plus tard"
    ours.save()
    told = passages(ours)
    assert [p.status for p in told] == ["publie", "soumis", "renvoye", "soumis", "brouillon"]
    assert told[2].reason == "Il manque la délibération."
    assert told[2].by == people["secretariat"]
    history = reverse("convention_history", args=[ours.reference])
    for name, status in (("agent", 200), ("member", 200), ("secretariat", 200), ("other", 403)):
        client.force_login(people[name])
        response = client.get(history)
        assert response.status_code == status, name
        if status == 200:
            assertContains(response, "Il manque la délibération.")
    client.logout()
    assert client.get(history).status_code == 302


@pytest.mark.parametrize("slug", ["renvoyer", "retirer"])
def test_a_reason_is_needed_where_something_is_refused(client, ours, people, slug):
    status = "soumis" if slug == "renvoyer" else "publie"
    Convention.objects.update(**published(status=status))
    response = take(client, people["secretariat"], ours, slug, reason="  ")
    assertContains(response, "Donnez le motif")
    assert ours.status == status
    with pytest.raises(ValidationError):
        carry_out(STEPS[slug], ours, by=people["secretariat"], version=ours.version)


def test_who_submits_sees_what_is_missing_first(client, ours, people):
    client.force_login(people["agent"])
    response = client.get(address(ours, "soumettre"))
    assertContains(response, "Ce qui manque encore")
    assertContains(response, "Renseignez la délibération du conseil.")
    assertContains(response, "/change/#legal_steps-group")
    assert Convention.objects.get().status == Status.DRAFT


def test_one_party_is_not_enough_and_it_says_so(client, people, parakou):
    alone = make_convention([parakou])
    for name, slug in (("agent", "soumettre"), ("secretariat", "publier")):
        assertContains(take(client, people[name], alone, slug), "au moins deux parties")
        assert alone.status == Status.DRAFT


def test_what_changed_since_it_was_read_is_not_moved(client, ours, people):
    response = take(client, people["secretariat"], ours, "publier", version=99)
    assertContains(response, "Relisez-la")
    assert ours.status == Status.DRAFT
    for version in ("", "abc", "9" * 30):
        take(client, people["secretariat"], ours, "publier", version=version)
        assert ours.status == Status.DRAFT


def test_a_step_that_no_longer_fits_says_so(client, ours, people):
    ours.publish(people["secretariat"])
    response = take(client, people["agent"], ours, "soumettre")
    assertContains(response, spaced("« publié »"))
    assert client.get(address(ours, "inventer")).status_code == 404


def test_permission_is_asked_besides_the_table(ours, people):
    with pytest.raises(PermissionDenied):
        carry_out(STEPS["publier"], ours, by=people["agent"], version=ours.version)
    with pytest.raises(PermissionDenied):
        carry_out(STEPS["soumettre"], ours, by=people["other"], version=ours.version)
    assert open_steps(ours, people["member"]) == []


def test_submitted_terms_wait_unless_they_are_taken_back(client, ours, people):
    take(client, people["agent"], ours, "soumettre")
    assert ours.is_locked
    take(client, people["agent"], ours, "reprendre")
    assert not ours.is_locked


def test_a_withdrawn_convention_is_gone_and_says_why(client, ours, people):
    document = make_document(title="Texte signé")
    ours.documents.add(document)
    ours.publish(people["secretariat"])
    take(client, people["secretariat"], ours, "retirer", reason="Saisie deux fois.")
    client.logout()
    response = client.get(ours.get_absolute_url())
    assert response.status_code == 410
    assert "Saisie deux fois." in response.content.decode()
    assert "La nôtre" not in response.content.decode()
    for page in ("/", "/conventions/", "/inventaire/", "/api/v1/conventions/"):
        assertNotContains(client.get(page), "La nôtre")
    assert client.get(document.get_absolute_url()).status_code == 410
    take(client, people["secretariat"], ours, "retablir", reason="Ce n’était pas un double.")
    client.logout()
    assert client.get(ours.get_absolute_url()).status_code == 200
    assert b"".join(client.get(document.get_absolute_url()).streaming_content) == PDF


def test_an_avenant_is_submitted_and_validated_like_a_convention(client, ours, people):
    ours.publish(people["secretariat"])
    avenant = make_avenant(ours, ends_on="2030")
    take(client, people["agent"], avenant, "soumettre")
    assert avenant.status == Status.SUBMITTED
    take(client, people["secretariat"], avenant, "renvoyer", reason="Signature illisible.")
    assert Convention.objects.with_term().get().term == "2021"
    take(client, people["agent"], avenant, "soumettre")
    take(client, people["secretariat"], avenant, "publier")
    assert Convention.objects.with_term().get().term == "2030"
    page = client.get(ours.get_absolute_url())
    assertContains(page, address(avenant, "retirer"))


def test_an_avenant_waits_for_its_convention(client, ours, people):
    avenant = make_avenant(ours)
    assertContains(take(client, people["agent"], avenant, "soumettre"), "d’abord la convention")


def test_a_convention_entrusted_to_an_agent_is_theirs_to_edit(client, ours, people, parakou):
    other = people["other"]
    assert ours not in Convention.objects.editable_by(other)
    delegation = Delegation.objects.create(convention=ours, user=other)
    make_avenant(ours)
    assert ours in Convention.objects.editable_by(other)
    assert ours in Convention.objects.visible_to(other)
    assert ours.avenants.editable_by(other).exists()
    assert Convention.objects.editable_by(other).count() == 1
    assert take(client, other, ours, "soumettre").status_code == 302
    assert ours.status == Status.SUBMITTED
    delegation.refresh_from_db()
    Convention.objects.update(status=Status.DRAFT)
    delegation.refresh_from_db()
    delegation.delete()
    assert ours not in Convention.objects.editable_by(other)


def test_a_delegate_neither_joins_nor_entrusts_nor_deletes(client, ours, people):
    other = people["other"]
    Delegation.objects.create(convention=ours, user=other)
    client.force_login(other)
    page = reverse("admin:agreements_convention_change", args=[ours.pk])
    data = page_data(client.get(page)) | {"note": "Relue"}
    add_line(data, "delegations", user=make_user(Role.COMMUNE).pk)
    assert client.post(page, data).status_code == 302
    ours.refresh_from_db()
    assert (ours.note, ours.parties.count(), ours.delegations.count()) == ("Relue", 2, 1)
    assert "delegations" not in str(page_data(client.get(page)))
    delete = reverse("admin:agreements_convention_delete", args=[ours.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_the_secretariat_entrusts_and_takes_back_whatever_the_state(client, ours, people):
    ours.publish(people["secretariat"])
    client.force_login(people["secretariat"])
    page = reverse("admin:agreements_convention_change", args=[ours.pk])
    data = page_data(client.get(page)) | {"reason": "Absence de l’agent"}
    add_line(data, "delegations", user=people["other"].pk)
    assert client.post(page, data).status_code == 302
    data = page_data(client.get(page)) | {"reason": "Retour", "delegations-0-DELETE": "on"}
    assert client.post(page, data).status_code == 302
    assert not ours.delegations.exists()


def test_a_groupings_agent_edits_the_groupings_conventions_and_not_the_members(parakou):
    grouping = make_partner(name="Groupement", kind="groupement")
    grouping.members.add(parakou)
    agent = make_user(Role.COMMUNE, partner=grouping)
    joint = make_convention([grouping, make_partner()])
    alone = make_convention([parakou, make_partner()])
    assert set(Convention.objects.editable_by(agent)) == {joint}
    assert alone not in Convention.objects.editable_by(agent)


def test_what_blocks_a_step_is_said_before_it_is_tried(client, ours, people):
    """« Rien n’empêche de continuer » stood above a convention with one party, which goes nowhere."""
    ours.parties.exclude(partner=people["agent"].partner).delete()
    client.force_login(people["agent"])
    page = client.get(address(ours, "soumettre"))
    assertContains(page, "Ajoutez la seconde")
    assertNotContains(page, "empêche de continuer")
    assertNotContains(page, "<button>Soumettre")
    ours.parties.create(partner=make_partner())
    page = client.get(address(ours, "soumettre"))
    assertContains(page, "empêche de continuer")
    assertContains(page, "<button>Soumettre")


def test_an_avenant_of_a_draft_has_no_step_of_its_own(client, ours, people):
    avenant = make_avenant(ours)
    client.force_login(people["agent"])
    steps = address(avenant, "soumettre")
    assertNotContains(client.get(ours.get_absolute_url()), steps)
    ours.publish(people["secretariat"])
    other = make_avenant(ours)
    assertContains(client.get(ours.get_absolute_url()), address(other, "soumettre"))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("agreements_convention", "soumettez-la depuis sa page"),
        ("cooperation_partner", "qui le nomme"),
        ("cooperation_document", "à laquelle il est joint"),
    ],
)
def test_a_draft_says_how_it_becomes_public(client, people, name, way):
    client.force_login(people["secretariat"])
    page = client.get(reverse(f"admin:{name}_add"))
    assert ("depuis sa page" in page.content.decode()) == (name == "agreements_convention")
    assertContains(page, way)


@pytest.mark.parametrize("slug", ["soumettre", "renvoyer"])
@pytest.mark.parametrize("email", ["", "quelqu-un@example.org"])
def test_who_takes_a_step_is_told_whether_the_others_hear_of_it(ours, people, slug, email):
    """« Le secrétariat est prévenu » was said where nobody there has an address: all waited."""
    author, reader = people["agent"], people["secretariat"]
    if slug == "renvoyer":
        ours.move_to(Status.SUBMITTED, by=author)
        author, reader = reader, author
    type(reader).objects.filter(pk=reader.pk).update(email=email)
    ours.refresh_from_db()
    said = carry_out(STEPS[slug], ours, by=author, reason="Vu", version=ours.version)
    assert ("Un message part" in said) == bool(email)
    assert ("vous-même" in said) != bool(email)
