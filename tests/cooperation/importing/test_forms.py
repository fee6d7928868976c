"""What a person says of a file: which column is which, who is meant by a name, what by a word."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import Convention
from cooperation.importing.forms import question_name
from cooperation.models import Import, Partner, Theme
from cooperation.typography import spaced
from tests.factories import make_partner
from tests.sheets import answer, read, rows, table, verdicts, written


@pytest.fixture
def secretariat(sign_in):
    return sign_in("secretariat")


def send(client, *lines, headings, kind="conventions"):
    address = reverse("import_start", args=[kind])
    data = {"file": table(*lines, headings=headings), "reason": "Liste de la direction"}
    client.post(address, data)
    return Import.objects.latest("pk")


def designate(client, job, **places):
    """Say which column of the registry some columns of the file are; the page that follows."""
    page = client.get(job.get_absolute_url())
    data = {name: field.value() or "" for name, field in fields_of(page).items()} | places
    return client.post(reverse("import_columns", args=[job.reference]), data, follow=True)


def first(job):
    """The name of the field of its first question."""
    return question_name(next(iter(job.questions)))


def fields_of(page):
    return {field.name: field for field in page.context["mapping"]}


def test_a_list_with_its_own_headings_comes_in_once_they_are_named(secretariat, parakou, orleans):
    job = send(secretariat, "Eau;Parakou;Orléans;bleu", headings="Nom du projet;Ville;Ami;Couleur")
    page = secretariat.get(job.get_absolute_url())
    assertContains(page, "Aucune ligne n’est encore lue")
    assertNotContains(page, "Importer 1 ligne")
    assert verdicts(job) == ["non-lue"]
    # What a column holds is shown beside its heading.
    assert fields_of(page)["s0c1"].help_text == "Parakou"
    page = designate(secretariat, job, s0c0="Intitulé", s0c1="Partie 1", s0c2="Partie 2")
    assertContains(page, "Importer 1 ligne")
    assertContains(page, spaced("De côté : Couleur « bleu »"))
    job.refresh_from_db()
    written(job)
    convention = Convention.objects.get()
    assert {str(p) for p in convention.distinct_partners} == {"Parakou", "Orléans"}
    page = secretariat.get(convention.get_absolute_url())
    assertContains(page, "bleu")


def test_what_was_said_of_columns_is_kept_for_the_next_file(secretariat, parakou, orleans):
    headings = "Nom du projet;Ville;Ami"
    job = send(secretariat, "Eau;Parakou;Orléans", headings=headings)
    designate(secretariat, job, s0c0="Intitulé", s0c1="Partie 1", s0c2="Partie 2")
    again = send(secretariat, "École;Parakou;Orléans", headings=headings)
    assert verdicts(again) == ["ajout"]


def test_a_recognised_column_may_be_set_aside_and_no_column_is_named_twice(secretariat, parakou):
    job = send(secretariat, "Eau;Parakou;2019;x", headings="Intitulé;Partie 1;Début;Autre")
    page = designate(secretariat, job, s0c3="Début")
    assertContains(page, "deux fois")
    page = designate(secretariat, job, s0c2="")
    job.refresh_from_db()
    assert rows(job)[2].aside == {"Début": "2019", "Autre": "x"}


def test_a_column_without_a_heading_is_not_lost(secretary, parakou):
    job = read(table("Eau;Parakou;12 km", headings="Intitulé;Partie 1;"), secretary)
    assert rows(job)[2].aside == {"Colonne C": "12 km"}


KIND, SPORT = "valeur:conventions::kind:partenariat", "valeur:conventions::themes:sport"


def test_a_word_is_asked_once_for_all_its_rows(secretary, parakou):
    Theme.objects.create(name="Culture", slug="culture")
    headings = "Intitulé;Partie 1;Nature;Thèmes"
    lines = ['A;Parakou;Partenariat;"sport ; Culture"', "B;Parakou;partenariat;Sport"]
    job = read(table(*lines, headings=headings), secretary)
    assert verdicts(job) == ["question", "question"]
    asked = {key: question["rows"] for key, question in job.questions.items()}
    assert asked == {KIND: 2, SPORT: 2}
    job = answer(job, {KIND: "accord", SPORT: "~"})
    assert verdicts(job) == ["ajout", "ajout"]
    assert rows(job)[3].aside == {"Thèmes": "Sport"}
    written(job)
    assert {one.kind for one in Convention.objects.all()} == {"accord"}


def test_any_partner_may_be_named_as_the_answer(secretariat, parakou, orleans):
    job = send(secretariat, "A;Parakou;La ville du Loiret", headings="Intitulé;Partie 1;Partie 2")
    address = reverse("import_answer", args=[job.reference])
    page = secretariat.post(address, {f"{first(job)}-autre": "Nulle part"})
    assertContains(page, spaced("Aucun partenaire « Nulle part »"))
    page = secretariat.post(address, {f"{first(job)}-autre": "orleans"}, follow=True)
    assertContains(page, "Importer 1 ligne")
    # The answer is among the choices, and may be changed.
    assertContains(page, f'value="{orleans.slug}"')


def test_a_name_of_two_partners_does_not_answer(secretariat, parakou):
    for _ in range(2):
        make_partner(name="Sainte-Colombe", country="FR")
    job = send(secretariat, "A;Parakou;Xyzzy", headings="Intitulé;Partie 1;Partie 2")
    address = reverse("import_answer", args=[job.reference])
    page = secretariat.post(address, {f"{first(job)}-autre": "Sainte-Colombe"})
    assertContains(page, spaced("Précisez « Sainte-Colombe »"))


def test_all_unknown_names_may_be_new_at_once(secretariat, parakou):
    lines = ["A;Parakou;Xyzzy", "B;Parakou;Plugh"]
    job = send(secretariat, *lines, headings="Intitulé;Partie 1;Partie 2")
    page = secretariat.post(
        reverse("import_answer", args=[job.reference]), {"all_new": "on"}, follow=True
    )
    assertContains(page, "Importer 2 lignes")
    job.refresh_from_db()
    written(job)
    assert Partner.objects.filter(name__in=["Xyzzy", "Plugh"]).count() == 2


def test_what_is_aside_is_not_for_the_public(secretariat, parakou, orleans):
    job = send(
        secretariat,
        "Eau;Parakou;Orléans;97 00 00 00",
        headings="Intitulé;Partie 1;Partie 2;Fichier_Convention",
    )
    written(job)
    convention = Convention.objects.get()
    Convention.objects.update(status="publie", published_at="2020-01-01T00:00Z")
    Partner.objects.update(status="publie", published_at="2020-01-01T00:00Z")
    address = convention.get_absolute_url()
    assertContains(secretariat.get(address), "97 00 00 00")
    assertNotContains(Client().get(address), "97 00 00 00")


def test_all_unknown_words_may_stay_aside_at_once(secretariat, parakou):
    lines = ["A;Parakou;sport", "B;Parakou;cirque"]
    job = send(secretariat, *lines, headings="Intitulé;Partie 1;Thèmes")
    page = secretariat.get(job.get_absolute_url())
    assertContains(page, spaced("Que veulent dire ces mots ?"))
    secretariat.post(reverse("import_answer", args=[job.reference]), {"all_aside": "on"})
    assert [row.aside for row in job.rows.all()] == [{"Thèmes": "sport"}, {"Thèmes": "cirque"}]
