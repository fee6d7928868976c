"""The bilan that the secretariat writes and signs: written together, frozen, checked."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from actions.models import Action
from agreements.models import Convention, LegalStep
from cooperation.models import Partner, Theme
from cooperation.roles import Role
from cooperation.values.money import Rate
from reports import making
from reports.facts.bilan import Named, build_bilan, from_json, to_json
from reports.facts.definitions import DEFINITIONS
from reports.facts.figures import Figure
from reports.models import Bilan, Edition, Report
from reports.prose import as_html
from reports.publishing import PublicationError, differences, facts_of, publish
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_measurement,
    make_partner,
    make_user,
    published,
)
from tests.limits import limit_reports
from tests.reports.facts.test_inventory import rows_of
from tests.reports.readers import body, outline, pdf_of, tags, text_of


@pytest.fixture
def registry(parakou, orleans):
    """What ends, begins, is prolonged and goes on in 2021, with money and results."""
    ended = make_convention(
        [parakou, orleans], title="Finie", starts_on="2019", ends_on="2021", **published()
    )
    action = make_action(
        ended,
        title="Forages",
        places=[parakou],
        state="achevee",
        planned_end="2020",
        actual_end="2021",
        results="Dix forages.",
        difficulties="Saison des pluies.",
    )
    line = make_budget_line(ended, amount="1000.10", nature="numeraire", funder=orleans)
    make_budget_line(ended, amount="655957", currency="XOF", nature="valorisation")
    make_disbursement(line, amount="300.03", paid_on="2021-05")
    make_disbursement(line, amount="99", paid_on="2019")
    indicator = make_indicator(ended, action=action, name="Ménages servis", target="100")
    make_measurement(indicator, "40", measured_on="2021")
    make_measurement(indicator, "90", measured_on="2022")
    begun = make_convention(
        [parakou],
        title="Nouvelle",
        starts_on="2021",
        ends_on="2023",
        predecessor=ended,
        **published(),
    )
    prolonged = make_convention(
        [orleans], title="Prolongée", starts_on="2018", ends_on="2020", **published()
    )
    make_avenant(prolonged, signed_on="2021-01", ends_on="2022", **published())
    make_convention([parakou], title="Ancienne", starts_on="2010", ends_on="2012", **published())
    make_convention([parakou], title="Secrète", starts_on="2021", ends_on="2022")
    return ended, begun, prolonged


@pytest.fixture
def secretary():
    return make_user(Role.SECRETARIAT, email="s@exemple.bj")


@pytest.fixture
def bilan(registry):
    return Bilan.objects.create(
        title="Bilan 2021 pour la commission",
        first_year=2021,
        last_year=2021,
        summary="**Cinq** constats",
    )


def counts(facts):
    return {figure.name: (figure.count, figure.before) for figure in facts.figures}


def test_what_began_ended_was_prolonged_and_the_period_before(registry):
    facts = build_bilan(2021, 2021)
    assert counts(facts) == {
        "conventions": (3, 2),
        "en-vigueur": (3, 2),
        "nouvelles": (1, 0),
        "renouvelees": (2, 0),
        "achevees": (1, 1),
        "terme-inconnu": (0, 0),
        "actions": (1, 1),
        "communes": (1, 1),
        "pays": (1, 1),
    }
    moves = {move.name: [one.title for one in move.conventions] for move in facts.moves}
    assert sorted(moves["renouvelees"]) == ["Nouvelle", "Prolongée"]
    assert facts.late[0].difficulties == "Saison des pluies."
    assert facts.actions_with_text[0].results == "Dix forages."
    (target,) = facts.targets
    assert (target.latest, target.measured_on, target.progress) == ("40", "2021", 40)
    assert [total.amount for total in facts.paid] == [Decimal("300.03")]
    assert [total.amount for total in facts.paid_before] == []
    assert facts.in_kind == 50
    assert facts.without == []
    make_partner(name="Kandi", departement="alibori")
    assert build_bilan(2021, 2021).without == [("Alibori", ["Kandi"])]


def titles(facts, name):
    (move,) = (move for move in facts.moves if move.name == name)
    return [one.title for one in move.conventions]


def test_an_avenant_prolongs_where_it_gives_a_later_end(registry, parakou):
    def prolonged(title, signed_on, *ends, own="2020"):
        convention = make_convention(
            [parakou], title=title, starts_on="2015", ends_on=own, **published()
        )
        for number, end in enumerate(ends, start=1):
            make_avenant(convention, number=number, signed_on=signed_on, ends_on=end, **published())

    prolonged("Même fin", "2021", "2022", "2022", own="2022")
    prolonged("Plus tôt", "2021", "2021", own="2022")
    prolonged("Fin donnée", "2021", "2022", own=None)
    prolonged("Sans date", None, "2024")
    prolonged("Signé après", "2022", "2024", own="2021")
    facts = build_bilan(2021, 2021)
    assert sorted(titles(facts, "renouvelees")) == ["Fin donnée", "Nouvelle", "Prolongée"]
    assert titles(facts, "avenants-sans-date") == ["Sans date"]
    assert sorted(titles(facts, "a-echoir")) == ["Fin donnée", "Même fin", "Prolongée"]


def test_steps_and_silence_are_told_as_of_the_last_day(registry):
    LegalStep.objects.create(convention=registry[0], kind="deliberation", done_on="2021-05")
    LegalStep.objects.create(convention=registry[1], kind="deliberation", done_on="2022-01")
    LegalStep.objects.create(convention=registry[2], kind="deliberation", done_on=None)
    Convention.objects.update(updated_at=timezone.now() - timedelta(days=400))
    Action.objects.update(updated_at=timezone.now() - timedelta(days=400))
    facts = build_bilan(2021, 2021)
    assert dict(facts.legal)["délibération du conseil"] == 2
    # What was in force at the end of 2021, though it ended since.
    assert sorted(one.title for one in facts.silent) == sorted(titles(facts, "en-vigueur"))
    assert len(facts.silent) == 3


def test_before_the_first_year_nothing_is_compared(registry):
    assert {figure.before for figure in build_bilan(1900, 1905).figures} == {None}


def test_each_year_counts_as_the_period_does(registry):
    facts = build_bilan(2018, 2021)
    assert dict(facts.by_year) == {
        year: build_bilan(year, year).count for year in (2018, 2019, 2020, 2021)
    }


def test_an_edition_of_before_is_still_read():
    """Facts as they were frozen when figures bore no words of their own."""
    facts = build_bilan(2021, 2021)
    old = json.loads(to_json(facts))
    for figure in old["figures"]:
        del figure["words"]
    read = from_json(json.dumps(old))
    assert [figure.label for figure in read.figures] == [f.label for f in facts.figures]


def test_words_of_an_edition_stay_those_of_its_day(registry, monkeypatch):
    frozen = to_json(build_bilan(2021, 2021))
    for name in list(DEFINITIONS):
        monkeypatch.delitem(DEFINITIONS, name)
    facts = from_json(frozen)
    assert facts.figures[0].label == facts.heading_of("conventions") == "Conventions"
    assert facts.figures[0].definition.startswith("Conventions publiées")


CHANGES = {
    "day": date(2021, 6, 1),
    "scope": ["Thème : Eau"],
    "by_year": [(2021, 99)],
    "states": [("achevée", 99)],
    "legal": [("délibération du conseil", 99)],
    "in_kind": 1,
    "rates": [],
    "moves": [],
    "tables": [],
    "without": [("Borgou", ["Parakou"])],
    "actions": [],
    "silent": [Named("CONV-9", "x", "")],
    "targets": [],
    "paid_before": [],
    "planned": [],
    "paid": [],
    "entries": [],
    "figures": [Figure("conventions", 99)],
    "narrative": {"summary": "Autre"},
}


def test_no_chapter_changes_unsaid(registry):
    facts = build_bilan(2021, 2021)
    facts = replace(facts, rates=[Rate("USD", Decimal("1.1"), date(2021, 1, 1), "BCE")])
    facts = replace(facts, paid_before=facts.paid)
    told = {field.name for field in fields(facts)} - {"first", "last", "made_on", "query"}
    assert set(CHANGES) == told
    for name, value in CHANGES.items():
        assert differences(facts, replace(facts, **{name: value})), name


def test_a_funder_is_told_its_own_money(registry, parakou, orleans):
    line = make_budget_line(registry[0], amount="10", funder=parakou)
    make_disbursement(line, amount="4", paid_on="2021")
    table = next(t for t in build_bilan(2021, 2021).tables if t.name == "funder")
    given = {
        r.label: ([t.amount for t in r.planned], [t.amount for t in r.paid]) for r in table.rows
    }
    assert given[parakou.name] == ([Decimal(10)], [Decimal(4)])
    assert given[orleans.name] == ([Decimal("1000.10")], [Decimal("300.03")])


def test_a_scope_does_not_tell_which_communes_have_nothing(registry):
    make_partner(name="Kandi", departement="alibori")
    assert build_bilan(2021, 2021, QueryDict("country=FR")).without == []


@time_machine.travel("2021-06-15")
def test_a_year_that_is_not_over_is_told_as_of_today(client, registry):
    facts = build_bilan(2021, 2021)
    assert facts.day == date(2021, 6, 15)
    assert client.get("/bilans/2022/").status_code == 404


def test_facts_come_back_from_json_as_they_were(registry):
    facts = build_bilan(2021, 2021, narrative={"summary": "x"})
    assert from_json(to_json(facts)) == facts
    assert to_json(from_json(to_json(facts))) == to_json(facts)


def test_a_scope_narrows_all_figures(registry, client, sign_in):
    theme = Theme.objects.create(name="Eau", slug="eau")
    registry[0].themes.add(theme)
    client = sign_in(Role.SECRETARIAT)
    inventory = client.get("/inventaire/?theme=eau&de=2021&a=2021")
    assertContains(inventory, "En faire un bilan")
    address = f"{reverse('bilan_start')}?filters=theme%3Deau"
    assertContains(client.get(address), "Thème : Eau")
    data = {"title": "Eau", "first_year": "2021", "last_year": "2021", "filters": "theme=eau&x=y"}
    client.post(reverse("bilan_start"), data)
    record = Bilan.objects.get()
    assert record.filters == "theme=eau"
    assert facts_of(record).count == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"first_year": "2021", "last_year": "2020"}, "finit avant"),
        ({"first_year": "1990", "last_year": "2020"}, "20 années au plus"),
        ({"first_year": "0", "last_year": "2020"}, "1899"),
        ({"first_year": "99999999999", "last_year": "2020"}, "2101"),
        ({"first_year": "2020", "last_year": "2020", "filters": "theme=zzz"}, "pas un choix"),
        ({"first_year": "2020", "last_year": "2020", "filters": "state=expiree"}, "filtre d’état"),
        ({"first_year": "", "last_year": ""}, "obligatoire"),
    ],
)
def test_a_period_or_scope_without_sense_is_said(sign_in, data, words):
    response = sign_in(Role.SECRETARIAT).post(reverse("bilan_start"), {"title": "x"} | data)
    assertContains(response, words)
    assert not Bilan.objects.exists()


def edition_of(bilan, by):
    bilan = Bilan.objects.get(pk=bilan.pk)
    return publish(bilan, by=by, read=facts_of(bilan).fingerprint)


def to_publish(bilan):
    """What the button of the page sends."""
    return {"read": facts_of(Bilan.objects.get(pk=bilan.pk)).fingerprint}


def content_of(edition):
    with edition.pdf.open() as file:
        return file.read()


def test_an_edition_does_not_change_with_the_registry(client, bilan, secretary, registry, pango):
    edition = edition_of(bilan, secretary)
    page = reverse("edition_detail", args=[bilan.reference, 1])
    files = {
        extension: reverse("edition_download", args=[bilan.reference, 1, extension])
        for extension in ("json", "csv")
    }
    before = [client.get(page).content, *(client.get(f).content for f in files.values())]
    pdf = body(client.get(reverse("edition_download", args=[bilan.reference, 1, "pdf"]))).read()
    Convention.objects.filter(pk=registry[0].pk).update(title="Rebaptisée")
    make_budget_line(registry[0], amount="5")
    bilan.refresh_from_db()
    bilan.summary = "Autre chose"
    bilan.save()
    after = [client.get(page).content, *(client.get(f).content for f in files.values())]
    assert after == before
    assert b"Rebaptis" not in before[0]
    edition.refresh_from_db()
    assert edition.is_intact
    assert hashlib.sha256(pdf).hexdigest() == edition.pdf_sha256
    assert hashlib.sha256(before[1]).hexdigest() == edition.facts_sha256
    assert hashlib.sha256(before[2]).hexdigest() == edition.rows_sha256


def test_an_edition_can_be_neither_changed_nor_deleted(bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    edition.facts = "{}"
    for attempt in (
        edition.save,
        edition.delete,
        Edition.objects.all().delete,
        lambda: Edition.objects.update(facts="{}"),
        lambda: Edition.objects.bulk_update([edition], ["facts"]),
        lambda: Edition.objects.bulk_create(
            [edition], update_conflicts=True, update_fields=["facts"], unique_fields=["id"]
        ),
        lambda: bilan.editions.update(facts="{}"),
        bilan.editions.all().delete,
        Edition(pk=edition.pk, bilan=bilan, number=1, published_at=edition.published_at).save,
        Edition._base_manager.all().delete,
        edition.pdf.delete,
    ):
        with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
            attempt()
    edition.refresh_from_db()
    assert edition.is_intact
    bilan.refresh_from_db()
    assert not bilan.may_be_deleted
    with pytest.raises(ValidationError):
        bilan.delete()


def test_a_file_that_changed_on_disk_is_noticed(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    with open(edition.pdf.path, "ab") as file:
        file.write(b" ")
    assert not edition.is_intact
    page = client.get(reverse("edition_check"), {"numero": edition.mark})
    assertContains(page, "n’a plus les empreintes")


def test_a_file_that_is_gone_is_noticed(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    edition.pdf.storage.delete(edition.pdf.name)
    page = client.get(reverse("edition_check"), {"numero": edition.mark})
    assertContains(page, "n’a plus les empreintes")
    assert client.get("/bilans/2021.pdf").status_code == 404


def test_the_title_of_an_edition_is_that_of_its_publication(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    bilan.refresh_from_db()
    bilan.title = "Titre encore secret"
    bilan.save()
    for address in (
        edition.get_absolute_url(),
        reverse("bilan_list"),
        f"{reverse('edition_check')}?numero={edition.mark}",
        "/bilans/2021/",
    ):
        page = client.get(address)
        assertContains(page, "Bilan 2021 pour la commission")
        assertNotContains(page, "secret")
    assert "Bilan 2021 pour la commission" in edition.facts
    assert "Texte récrit : titre" in edition_of(bilan, secretary).changes


def test_a_scope_that_is_gone_publishes_nothing(client, bilan, secretary, pango):
    Theme.objects.create(name="Eau", slug="eau")
    Bilan.objects.filter(pk=bilan.pk).update(filters="theme=eau")
    Theme.objects.filter(slug="eau").delete()
    with pytest.raises(PublicationError, match="périmètre"):
        edition_of(bilan, secretary)
    client.force_login(secretary)
    bilan.refresh_from_db()
    for address in (bilan.get_absolute_url(), reverse("bilan_preview", args=[bilan.reference])):
        response = client.get(address)
        assert response.status_code == 409
        assertContains(response, "n’existe plus", status_code=409)
    data = {"read": "x"}
    publishing = reverse("bilan_publish", args=[bilan.reference])
    assert client.post(publishing, data).status_code == 409
    assert not Edition.objects.exists()


def test_a_new_edition_says_what_it_changes(client, bilan, secretary, registry, pango):
    edition_of(bilan, secretary)
    make_convention(
        [registry[0].partners.first()], title="Tardive", starts_on="2021", **published()
    )
    make_budget_line(registry[1], amount="5")
    bilan.refresh_from_db()
    bilan.lessons = "Une leçon"
    bilan.save()
    second = edition_of(bilan, secretary)
    assert second.number == 2
    text = " | ".join(second.changes)
    assert "Conventions : 3 → 4" in text
    assert "Montants prévus" in text
    assert "Conventions ajoutées : CONV-" in text
    assert f"Conventions corrigées : {registry[1].reference}" in text
    assert "Texte récrit : Leçons et bonnes pratiques" in text
    old = client.get(reverse("edition_detail", args=[bilan.reference, 1]))
    assertContains(old, "Une édition plus récente la remplace")
    assert differences(from_json(second.facts), from_json(second.facts)) == []
    assertRedirects(client.get(bilan.get_absolute_url()), second.get_absolute_url())
    pdf = text_of(pdf_of(client.get("/bilans/2021.pdf")))
    live = client.get("/bilans/2021.csv")
    assert f"-au-{build_bilan(2021, 2021).made_on}.csv" in live["Content-Disposition"]
    body(live)
    assert second.mark in pdf
    assert "Ce que change cette édition" in pdf


def test_the_pdf_holds_the_figures_the_texts_and_how_to_check_it(bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    reader = PdfReader(BytesIO(content_of(edition)))
    text = text_of(reader).replace("\u202f", " ").replace("\u00a0", " ")
    for words in (
        "1 000,10 €",
        "655 957 F CFA",
        "2 000,10 €",
        "300,03 €",
        "Cinq constats",
        "Dix forages.",
        "Saison des pluies.",
        "Ménages servis",
        "Finie",
        "Nouvelle",
        edition.mark,
        edition.facts_sha256,
        "/bilans/verifier/",
        "Ce que compte chaque chiffre",
    ):
        assert words in text
    assert "Secrète" not in text
    assert "Ancienne" not in text
    assert {"Synthèse", "Financement", "Dossier légal"} <= {o[1] for o in outline(reader)}
    figures = [element for element in tags(reader) if element["/S"] == "/Figure"]
    assert len(figures) > 5
    assert all(element.get("/Alt") for element in figures)
    assert any("vérifier l’édition" in element["/Alt"] for element in figures)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_spreadsheets_hold_the_same_figures(client, registry, extension):
    content = body(client.get(reverse("bilan_file", args=[2021, extension]))).read()
    if extension == "csv":
        text = content.decode("utf-8-sig")
        assert "Conventions;3;2;" in text
        assert "1000,10" in text
        assert ";numéraire;EUR;" in text
    else:
        sheets = rows_of(content, extension)
        assert sheets["Chiffres clés"][1][:3] == ["Conventions", 3, 2]
        money = dict(zip(sheets["Chiffres clés"][-2], sheets["Chiffres clés"][-1], strict=True))
        assert Decimal(str(money["Prévu EUR"])) == Decimal("1000.10")
        assert Decimal(str(money["Payé EUR"])) == Decimal("300.03")
        assert Decimal(str(money["Prévu XOF"])) == 655957


def test_each_figure_opens_its_conventions(client, registry):
    page = client.get("/bilans/2021/")
    assertContains(page, "/bilans/2021/lignes/?de=renouvelees")
    rows = client.get("/bilans/2021/lignes/", {"de": "renouvelees"})
    assert sorted(entry.title for entry in rows.context["page"]) == ["Nouvelle", "Prolongée"]
    table = next(t for t in build_bilan(2021, 2021).tables if t.name == "country")
    for number, row in enumerate(table.rows):
        rows = client.get("/bilans/2021/lignes/", {"de": f"country-{number}"})
        assert rows.context["page"].paginator.count == len(row.references)
        assertContains(rows, row.label)
    assert client.get("/bilans/2021/lignes/", {"de": "zzz"}).status_code == 200


def test_a_pdf_in_hand_is_compared_with_the_published_one(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    address = reverse("edition_check")
    genuine = content_of(edition)

    def check(**data):
        return client.post(address, {"numero": edition.mark.lower()} | data)

    assertContains(check(fichier=ContentFile(genuine, "b.pdf")), "C’est bien le PDF publié")
    assertContains(check(fichier=ContentFile(genuine + b" ", "b.pdf")), "n’est pas le PDF publié")
    assertContains(check(empreinte=edition.pdf_sha256.upper()), "C’est bien le PDF publié")
    assertContains(check(empreinte=edition.facts_sha256), "C’est bien")
    assertContains(check(empreinte="0" * 64), "n’est pas le PDF publié")
    assertContains(check(empreinte="abc"), "64 chiffres")
    assertContains(check(), "remplacée", count=0)
    assertContains(check(), edition.pdf_sha256)
    assertContains(client.get(address, {"numero": edition.mark}), edition.facts_sha256)
    for absent in ("BILAN-2021-1-E9", "x", "BILAN-2021-1-E99999999999999999999", "É" * 40):
        assertContains(client.post(address, {"numero": absent}), "Aucune édition publiée")


def test_only_the_secretariat_writes_and_publishes(client, bilan, pango):
    pages = {
        reverse("bilan_start"): "get",
        reverse("bilan_write", args=[bilan.reference]): "get",
        reverse("bilan_publish", args=[bilan.reference]): "post",
    }
    for role in (None, Role.COMMUNE, Role.MEMBER):
        client.logout()
        if role:
            client.force_login(make_user(role))
        for address, method in pages.items():
            assert getattr(client, method)(address).status_code in (302, 403, 404)
    for role in (Role.COMMUNE, Role.MEMBER):
        with pytest.raises(PermissionDenied):
            publish(bilan, by=make_user(role), read=facts_of(bilan).fingerprint)
    assert not Edition.objects.exists()


def test_a_draft_is_for_members_alone(client, bilan, pango):
    addresses = [
        bilan.get_absolute_url(),
        reverse("bilan_rows", args=[bilan.reference]),
        reverse("bilan_preview", args=[bilan.reference]),
        reverse("bilan_history", args=[bilan.reference]),
    ]
    for role in (None, Role.COMMUNE):
        client.logout()
        if role:
            client.force_login(make_user(role))
        for address in addresses:
            assert client.get(address).status_code in (302, 404)
        assertNotContains(client.get(reverse("bilan_list")), bilan.title)
    client.force_login(make_user(Role.MEMBER))
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            body(response)
    assertContains(client.get(bilan.get_absolute_url()), "<strong>Cinq</strong> constats")
    preview = text_of(pdf_of(client.get(reverse("bilan_preview", args=[bilan.reference]))))
    assert "PROJET" in preview


def test_a_published_bilan_keeps_its_draft_from_the_public(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    bilan.refresh_from_db()
    bilan.summary = "Brouillon du suivant"
    bilan.save()
    page = client.get(bilan.get_absolute_url(), follow=True)
    assert page.redirect_chain[0][0] == edition.get_absolute_url()
    assertNotContains(page, "Brouillon du suivant")
    assert client.get(reverse("bilan_rows", args=[bilan.reference])).status_code == 302
    client.force_login(make_user(Role.COMMUNE))
    assert client.get(reverse("bilan_rows", args=[bilan.reference])).status_code == 404
    assert client.get(reverse("bilan_preview", args=[bilan.reference])).status_code == 404
    assert client.get(reverse("bilan_history", args=[bilan.reference])).status_code == 403


def written(bilan, **changes):
    bilan.refresh_from_db()
    data = {"title": bilan.title, "opened_version": bilan.version}
    return data | {name: getattr(bilan, name) for name in Bilan.NARRATIVE} | changes


def test_texts_are_saved_as_they_are_typed_and_never_over_those_of_another(
    client, bilan, secretary
):
    client.force_login(secretary)
    address = reverse("bilan_write", args=[bilan.reference])
    mine = written(bilan, lessons="Une")
    saved = client.post(address, mine, headers={"X-Autosave": "1"})
    assert saved.json() == {"version": mine["opened_version"] + 1}
    stale = client.post(address, mine | {"lessons": "Deux"}, headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    shown = client.post(address, mine | {"lessons": "Deux"})
    assertContains(shown, "Deux")
    bilan.refresh_from_db()
    assert bilan.lessons == "Une"
    assertRedirects(client.post(address, written(bilan, lessons="Trois")), bilan.get_absolute_url())
    bilan.refresh_from_db()
    assert bilan.lessons == "Trois"


def test_texts_have_a_history_and_come_back(client, bilan, secretary):
    client.force_login(secretary)
    address = reverse("bilan_write", args=[bilan.reference])
    client.post(address, written(bilan, summary="Plus court"))
    page = client.get(reverse("bilan_history", args=[bilan.reference]))
    assertContains(page, "Plus court")
    assertContains(page, "**Cinq** constats")
    assertContains(page, "Rétablir l’ancienne valeur")


def test_the_page_publishes_what_was_read(client, bilan, secretary, pango):
    client.force_login(secretary)
    page = client.get(bilan.get_absolute_url())
    assertContains(page, "Publier l’édition n° 1")
    assertContains(page, "Rien n’est encore écrit sous : Réalisations")
    address = reverse("bilan_publish", args=[bilan.reference])
    bilan.refresh_from_db()
    bilan.summary = "Changé entre-temps"
    bilan.save()
    stale = {"read": page.context["bilan"].fingerprint}
    assertContains(client.post(address, stale, follow=True), "ont changé depuis")
    stale = to_publish(bilan)
    make_budget_line(Convention.objects.published().first(), amount="7")
    assertContains(client.post(address, stale, follow=True), "ont changé depuis")
    assert not Report.objects.exists()
    with pytest.raises(PublicationError, match="ont changé"):
        publish(bilan, by=secretary, read=stale["read"])
    assert not Edition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_is_stopped_too_late_is_told(
    client, secretary, bilan, pango, monkeypatch
):
    client.force_login(secretary)
    limit_reports(monkeypatch, 0, "pdf")
    Bilan.objects.filter(pk=bilan.pk).update(title="x" * 200)
    bilan.refresh_from_db()
    client.post(reverse("bilan_publish", args=[bilan.reference]), to_publish(bilan))
    once = making.publish_once

    def late(report, tell):
        edition = once(report, tell)
        assert making.cancel(report, secretary)
        return edition

    monkeypatch.setattr(making, "publish_once", late)
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    assert Edition.objects.count() == 1
    report = Report.objects.get()
    assert report.state == Report.State.READY
    assert len(report.filename) <= 100


@pytest.mark.django_db(transaction=True)
def test_publication_is_work_for_a_worker_and_happens_once(
    client, bilan, secretary, pango, monkeypatch
):
    client.force_login(secretary)
    limit_reports(monkeypatch, 0, "pdf")
    bilan.refresh_from_db()
    address = reverse("bilan_publish", args=[bilan.reference])
    first = client.post(address, to_publish(bilan))
    assert client.post(address, to_publish(bilan)).url == first.url
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
    assert Edition.objects.get().published_by == secretary
    assertRedirects(client.get(first.url), bilan.get_absolute_url())
    assertContains(client.get(bilan.get_absolute_url()), "Édition n° 1")


def test_a_small_bilan_is_published_without_a_worker(client, bilan, secretary, pango):
    client.force_login(secretary)
    address = reverse("bilan_publish", args=[bilan.reference])
    page = client.post(address, to_publish(bilan), follow=True)
    assertContains(page, "Édition n° 1")
    assert page.redirect_chain[-1][0] == bilan.get_absolute_url()
    assert Edition.objects.get().published_by == secretary


def test_two_publications_at_once_make_one_edition(bilan, secretary, pango):
    same = Bilan.objects.get(pk=bilan.pk)
    edition_of(bilan, secretary)
    with pytest.raises(PublicationError, match="ont changé"):
        publish(same, by=secretary, read=facts_of(same).fingerprint)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "href"),
        ("![x](file:///etc/passwd)", "<img"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("<style>@import url(http://x)</style>", "<style"),
        ("[x](data:text/html,<script>)", "href"),
    ],
)
def test_what_is_written_runs_and_fetches_nothing(text, forbidden):
    assert forbidden not in as_html(text)


def test_a_small_text_makes_no_large_page(client, bilan, secretary):
    assert len(as_html("[a]: /" + "x" * 2000 + "\n\n" + "[a]" * 600)) < 10_000
    client.force_login(secretary)
    address = reverse("bilan_write", args=[bilan.reference])
    assertContains(client.post(address, written(bilan, lessons="x" * 50_001)), "50000")


def test_what_is_written_keeps_its_form():
    html = as_html("# Titre\n\n**gras** *italique*\n\n- un\n- deux\n\n[lien](https://exemple.bj)")
    for part in ("<h4>Titre</h4>", "<strong>gras</strong>", "<li>un</li>", 'href="https://'):
        assert part in html
    assert as_html("> " * 500 + "x")


@pytest.mark.parametrize("extension", ["pdf", "xlsx", "ods", "csv"])
def test_the_command_writes_a_draft(registry, tmp_path, pango, capsys, extension):
    file = tmp_path / f"bilan.{extension}"
    call_command("export_bilan", file, "--from", "2021", "--to", "2021")
    assert "3 conventions" in capsys.readouterr().out
    if extension == "pdf":
        assert "Finie" in text_of(PdfReader(BytesIO(file.read_bytes())))
    assert file.stat().st_size > 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["b.doc"], "Format inconnu"),
        (["b.csv", "--filters", "theme=zzz"], "n’est pas un choix"),
        (["b.csv", "--from", "2010", "--to", "2001"], "finit avant"),
        (["b.csv", "--from", "1901", "--to", "2001"], "20 années"),
        (["/absent/b.csv"], "No such file"),
    ],
)
def test_the_command_says_what_it_refuses(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=words):
        call_command("export_bilan", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_registry_has_a_bilan(client, db, pango):
    assert "Aucune" in text_of(pdf_of(client.get("/bilans/2021.pdf")))
    assert build_bilan(2021, 2021).day == date(2021, 12, 31)
    assert build_bilan(1900, 1900).count == 0
    make_partner(name="Sans convention", kind=Partner.Kind.COMMUNE)
    assert "Sans convention" in str(build_bilan(2021, 2021).without)


ABSURD = [
    "/bilans/2021/lignes/?de=%00",
    "/bilans/2021/lignes/?de=a&page=99999999999999999999",
    "/bilans/2021/lignes/?de=country-99999999999999",
    "/bilans/bilan-2021-1/editions/99999999999999999999/",
    "/bilans/bilan-2021-1/editions/1.exe",
    "/bilans/verifier/?numero=%00",
    f"/bilans/verifier/?numero={'A' * 5000}",
    "/bilans/99999999999999999999.pdf",
    "/bilans/2021.exe",
    f"/fiches/convention/{'a' * 3000}.pdf",
    f"/rapports/{'f' * 300}/",
    "/rapports/x/fichier",
    "/bilans/nouveau/?filters=%00&first_year=abc",
]


@pytest.mark.parametrize("role", [None, *Role])
def test_an_absurd_address_is_no_error_page(client, bilan, role):
    if role:
        client.force_login(make_user(role))
    for address in ABSURD:
        assert client.get(address).status_code in (200, 302, 403, 404), address


def test_a_text_without_end_is_still_a_report(bilan, secretary, pango):
    bilan.refresh_from_db()
    bilan.summary = "a" * 100_000 + "\n\n" + "* " * 2000 + "x" + "[" * 5000
    bilan.save()
    assert edition_of(bilan, secretary).pages > 3
