"""A list of conventions brought in: previewed, asked about, written as a whole, undone as a whole."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains
from python_calamine import CalamineWorkbook

from actions.importing import FullConventionImporter
from actions.models import BudgetLine
from agreements.models import Convention, Party
from cooperation import jobs
from cooperation.importing import files, runs
from cooperation.models import Import, ImportRow, Odd, Partner, Theme, User
from cooperation.records.gates import Status
from cooperation.records.history import events
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_partner,
    make_user,
    published,
)
from tests.search import conventions_found
from tests.sheets import answer, carry_on, csv_file, read, undone, written, xlsx_file

HEADINGS = "Intitulé;Partie 1;Rôle 1;Partie 2;Début;Fin;Montant 1;Monnaie 1;Financeur 1"
ROOT = User(is_superuser=True)


def table(*lines, headings=HEADINGS):
    return csv_file("\n".join([headings, *lines]))


@pytest.fixture
def secretary():
    return make_user(Role.SECRETARIAT)


@pytest.fixture
def pobe():
    return make_partner(name="Pobè", aliases="Commune de Pobé\nPobé")


def rows(job):
    return {row.line: row for row in job.rows.all()}


def verdicts(job):
    return [row.verdict for row in job.rows.all()]


def test_a_row_becomes_a_draft_with_its_parties_amounts_and_legal_dossier(
    secretary, parakou, orleans
):
    Theme.objects.create(name="Eau", slug="eau")
    Odd.objects.bulk_create([Odd(number=6, name="Eau"), Odd(number=11, name="Villes")])
    headings = HEADINGS + ";Nature;Signée le;Thèmes;ODD;Délibération : date;Délibération : numéro"
    file = table(
        "Forêts;PARAKOU;chef de file;ville d’Orleans;11/2019;2021;1 123 884;FCFA;Orléans;"
        "Jumelage;14 novembre 2019;EAU;6, 11;2019;12/CC",
        headings=headings,
    )
    job = written(read(file, secretary, reason="Reprise de l’ancien tableau."))
    convention = Convention.objects.get()
    assert convention.status == Status.DRAFT
    assert (convention.signed_on, convention.starts_on, convention.ends_on) == (
        "2019-11-14",
        "2019-11",
        "2021",
    )
    assert [(p.partner, p.role) for p in convention.parties.all()] == [
        (parakou, "chef-de-file"),
        (orleans, ""),
    ]
    line = convention.budget_lines.get()
    assert (line.amount, line.currency, line.funder) == (Decimal("1123884"), "XOF", orleans)
    step = convention.legal_steps.get()
    assert (step.kind, step.done_on, step.number) == ("deliberation", "2019", "12/CC")
    assert [t.slug for t in convention.themes.all()] == ["eau"]
    assert [odd.number for odd in convention.odds.all()] == [6, 11]
    assert conventions_found("forets").get() == convention
    assert job.counts == {"ajout": 1}
    event = convention.history.get()
    assert event.history_user == secretary
    assert event.history_change_reason == "Import de « liste.csv ». Reprise de l’ancien tableau."
    assert [row.theme.slug for row in event.themes.all()] == ["eau"]


def test_nothing_is_written_before_the_confirmation(secretary, parakou, orleans):
    read(table("Forêts;Parakou;;Orléans;2019;2021;;;"), secretary)
    assert not Convention.objects.exists()


def test_the_same_file_twice_changes_nothing(secretary, parakou, orleans):
    lines = [
        "Forêts;Parakou;signataire;Orléans;2019;2021;5 000;EUR;Orléans",
        "Eaux;Parakou;;Orléans;;;20,854.00;USD;",
    ]
    written(read(table(*lines), secretary))
    before = Convention.history.count()
    again = read(table(*lines), secretary)
    assert verdicts(again) == ["inchangee", "inchangee"]
    assert not again.to_write
    assert Convention.history.count() == before


def test_an_empty_cell_erases_nothing_and_a_full_one_updates(secretary, parakou, orleans):
    convention = make_convention(
        [parakou, orleans], title="Forêts", ends_on="2020", objectives="Planter"
    )
    line = make_budget_line(convention, amount="10", currency="EUR", funder=orleans)
    job = read(table("FORETS;Parakou;signataire;orleans;;2021;20;EUR;Orléans"), secretary)
    row = rows(job)[2]
    assert (row.verdict, row.target) == ("mise-a-jour", convention.reference)
    assert ["fin", "2020", "2021"] in row.changes
    assert ["intitulé", "Forêts", "FORETS"] in row.changes
    assert ["ligne budgétaire", "10, EUR, Orléans", "20, EUR, Orléans"] in row.changes
    written(job)
    convention.refresh_from_db()
    line.refresh_from_db()
    assert (convention.ends_on, convention.objectives, line.amount) == ("2021", "Planter", 20)
    assert convention.parties.count() == 2
    assert convention.parties.get(partner=parakou).role == "signataire"


def test_a_name_that_is_only_alike_is_asked(secretary, parakou, pobe):
    job = read(table("Forêts;Parakou;;Pobbe;;;;;", "Eaux;Parakou;;Pobbe;;;;;"), secretary)
    assert verdicts(job) == ["question", "question"]
    ((key, question),) = job.questions.items()
    assert question["rows"] == 2
    assert [choice[0] for choice in question["choices"]] == [pobe.slug]
    job = answer(job, {key: pobe.slug})
    assert verdicts(job) == ["ajout", "ajout"]
    written(job)
    assert Party.objects.filter(partner=pobe).count() == 2


def test_an_alias_a_code_and_an_acronym_are_not_asked(secretary, pobe):
    french = make_partner(
        name="Orléans Métropole", country="FR", kind="groupement", short_name="OM"
    )
    french.codes.create(scheme="FR-SIREN", code="244500468")
    lines = (
        "A;pobé;;OM;;;;;",
        "B;commune de POBÈ;;244500468;;;;;",
        "C;Pobè;;Orléans Métropole (OM);;;;;",
    )
    assert verdicts(read(table(*lines), secretary)) == ["ajout"] * 3


def test_two_partners_of_one_name_are_asked(secretary, parakou):
    make_partner(name="Saint-Denis", country="FR")
    make_partner(name="Saint Denis", country="RE")
    job = read(table("A;Parakou;;Saint-Denis;;;;;"), secretary)
    assert len(next(iter(job.questions.values()))["choices"]) == 2


def test_a_new_partner_is_made_once_as_a_draft_and_goes_with_the_import(secretary, parakou):
    file = table("A;Parakou;;Ville de Metz;;;;;", "B;Parakou;;ville de metz;;;5;EUR;Ville de Metz")
    job = read(file, secretary)
    (key,) = job.questions
    job = written(answer(job, {key: "+"}))
    metz = Partner.objects.get(name="Ville de Metz")
    assert (metz.status, metz.conventions.count()) == (Status.DRAFT, 2)
    assert BudgetLine.objects.get().funder == metz
    undone(job)
    assert not Partner.objects.filter(name="Ville de Metz").exists()


def test_what_is_left_out_stays_out_and_says_so(secretary, parakou):
    job = read(table("A;Parakou;;Inconnue;;;;;", "B;Parakou;;;;;;;"), secretary)
    job = answer(job, {next(iter(job.questions)): "-"})
    assert verdicts(job) == ["refusee", "ajout"]
    assert "laissé de côté" in rows(job)[2].trouble


def test_a_convention_that_looks_like_another_is_asked(secretary, parakou, orleans):
    known = make_convention([parakou, orleans], title="Partenariat Orléans-Parakou")
    file = table("Partenariat de Parakou et Orléans;Parakou;;Orléans;2019;2021;;;")
    job = read(file, secretary)
    ((key, question),) = job.questions.items()
    assert question["choices"][0][0] == known.reference
    assert verdicts(answer(job, {key: known.reference})) == ["mise-a-jour"]
    assert verdicts(answer(job, {key: "+"})) == ["ajout"]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("A;Parakou;;;2021;2019;;;", "", "La fin précède le début"),
        ("A;Parakou;;;bientôt;;;;", "Début", "n’est pas une date"),
        ("A;Parakou;patron;;;;;;", "Rôle 1", "chef de file"),
        ("A;Parakou;;;;;1,234;EUR;", "Montant 1", "n’est pas un montant"),
        ("A;Parakou;;;;;5;ZZZ;", "Monnaie 1", "n’est pas dans la liste"),
        ("A;Parakou;;;;;beaucoup;;", "Montant 1", "n’est pas un montant"),
        ("A;Parakou;;;;;12,50 FCFA;;", "", "n’a pas de centimes"),
        ("A;Parakou;;;;;5;;", "Monnaie 1", "Remplissez cette cellule"),
        ("A;Parakou;;;;;-5;EUR;", "", "supérieur à zéro"),
        (";Parakou;;;;;;;", "Intitulé", "Remplissez cette cellule"),
        ("=HYPERLINK(1);Parakou;;;;;;;", "Intitulé", "comme une formule"),
        ("A\u200b\ue000;Parakou;;;;;;;", "Intitulé", "U+E000"),
        ("Total;;;;;;1 123 884,50;EUR;", "", "ressemble à un total"),
        ("SOUS-TOTAUX;;;;;;;", "", "ressemble à un total"),
        ("x" * 300 + ";Parakou;;;;;;;", "Intitulé", "250"),
    ],
)
def test_a_bad_cell_is_refused_with_its_column_and_mend(secretary, parakou, line, column, words):
    job = read(table(line), secretary)
    row = rows(job)[2]
    assert row.verdict == "refusee"
    assert row.errors[0][0] == column
    assert words in row.errors[0][1]


def test_the_same_convention_twice_in_a_file_is_refused_the_second_time(
    secretary, parakou, orleans
):
    job = read(table("A;Parakou;;Orléans;;;;;", "a;orleans;;Parakou;;;;;"), secretary)
    assert verdicts(job) == ["ajout", "refusee"]
    assert "ligne 2" in rows(job)[3].trouble


def test_an_agent_brings_in_what_is_theirs_and_nothing_else(parakou, orleans, pobe):
    agent = make_user(Role.COMMUNE, partner=parakou)
    theirs = make_convention([pobe, orleans], title="Secrète")
    ours = make_convention([parakou, orleans], title="Nôtre", **published())
    job = read(
        table(
            "Neuve;Parakou;;Orléans;;;;;",
            "Sans nous;Pobè;;Orléans;;;;;",
            f"{theirs.title};Pobè;;Orléans;2001;;;;",
            "Nôtre;Parakou;;Orléans;2001;;;;",
            "Nôtre ;Parakou;;Orléans;;;5;EUR;",
        ),
        agent,
    )
    assert verdicts(job) == ["ajout", "refusee", "refusee", "refusee", "refusee"]
    assert "n’est pas parmi les parties" in rows(job)[3].trouble
    assert "n’est pas parmi les parties" in rows(job)[4].trouble
    assert "avenant" in rows(job)[5].trouble
    assert theirs.reference not in str([row.__dict__ for row in job.rows.all()])
    by_reference = read(table(f"{theirs.reference};Prise", headings="Référence;Intitulé"), agent)
    assert "n’est la référence d’aucune" in rows(by_reference)[2].trouble
    ours.refresh_from_db()
    assert ours.starts_on == "2019"


def test_the_secretariat_corrects_what_is_published_with_its_reason(secretary, parakou, orleans):
    convention = make_convention([parakou, orleans], title="Nôtre", **published())
    job = written(
        read(table("Nôtre;Parakou;;Orléans;2001;;5;EUR;"), secretary, reason="Texte relu.")
    )
    convention.refresh_from_db()
    assert convention.starts_on == "2001"
    assert convention.history.first().history_change_reason.endswith("Texte relu.")
    undone(job)
    convention.refresh_from_db()
    assert convention.starts_on == "2019"
    assert not convention.budget_lines.exists()


def test_an_import_is_undone_as_a_whole_and_stays_in_the_history(secretary, parakou, orleans):
    known = make_convention([parakou, orleans], title="Connue", ends_on="2020")
    job = written(
        read(
            table("Neuve;Parakou;;Orléans;;;5;EUR;", "Connue;Parakou;;Orléans;;2021;7;EUR;"),
            secretary,
        )
    )
    new = Convention.objects.get(title="Neuve")
    undone(job)
    assert job.state == Import.State.UNDONE, job.notice
    assert list(Convention.objects.all()) == [known]
    known.refresh_from_db()
    assert known.ends_on == "2020"
    assert not BudgetLine.objects.exists()
    assert Convention.history.filter(id=new.pk, history_type="-").exists()
    reasons = {event.reason for event in events(known, ROOT)}
    assert "Annulation de l’import de « liste.csv »." in reasons


@pytest.mark.parametrize("change", ["edit", "action", "publish"])
def test_nothing_is_undone_once_somebody_built_on_it(secretary, parakou, orleans, change):
    job = written(
        read(table("Neuve;Parakou;;Orléans;;;;;", "Autre;Parakou;;Orléans;;;;;"), secretary)
    )
    new = Convention.objects.get(title="Neuve")
    match change:
        case "edit":
            new.note = "relue"
            new.save()
        case "action":
            make_action(new)
        case "publish":
            new.publish(secretary)
    undone(job)
    assert job.state == Import.State.WRITTEN
    assert "ont changé depuis" in job.notice
    assert Convention.objects.count() == 2


def test_a_preview_that_is_no_longer_true_is_shown_again(secretary, parakou, orleans):
    known = make_convention([parakou, orleans], title="Connue", ends_on="2020")
    job = read(table("Connue;Parakou;;Orléans;;2021;;;"), secretary)
    known.ends_on = "2022"
    known.save()
    job = written(job)
    assert job.state == Import.State.READY
    assert "a changé depuis l’aperçu" in job.notice
    assert rows(job)[2].changes == [["fin", "2022", "2021"]]
    known.refresh_from_db()
    assert known.ends_on == "2022"
    assert written(job).state == Import.State.WRITTEN


def test_a_change_elsewhere_does_not_stop_the_writing(secretary, parakou, orleans):
    job = read(table("Neuve;Parakou;;Orléans;;;;;"), secretary)
    make_convention(title="Ailleurs")
    assert written(job).state == Import.State.WRITTEN


def test_a_failure_writes_nothing_and_says_so(secretary, parakou, orleans, monkeypatch):
    job = read(table("A;Parakou;;Orléans;;;5;EUR;"), secretary)
    monkeypatch.setattr(FullConventionImporter, "write_lines", lambda *args: 1 / 0)
    job = written(job)
    assert job.state == Import.State.FAILED
    assert "rien n’est écrit" in job.failure
    assert not Convention.objects.exists()


def test_writing_twice_writes_once(secretary, parakou, orleans):
    job = written(read(table("A;Parakou;;Orléans;;;;;"), secretary))
    assert not runs.confirm(job, secretary)
    carry_on(job)
    assert Convention.objects.count() == 1


def test_unknown_columns_are_named_and_known_ones_have_many_names(secretary, parakou):
    job = read(
        table("A;Parakou;2019;x", headings="Titre;Partenaire;Date de début;Couleur"), secretary
    )
    assert job.unknown_headings == ["Couleur"]
    assert verdicts(job) == ["ajout"]


@pytest.mark.parametrize(
    ("headings", "words"),
    [("Début;Fin", "Il manque la colonne « Intitulé »"), ("Intitulé;Titre", "deux fois")],
)
def test_a_table_that_is_not_one_of_conventions_is_refused(headings, words, client):
    user = make_user(Role.SECRETARIAT)
    client.force_login(user)
    response = client.post(
        reverse("import_start", args=["conventions"]),
        {"file": table("a;b", headings=headings), "reason": "Essai"},
    )
    assertContains(response, words)
    assertContains(response, "Rien n’est importé")
    assert not Import.objects.exists()


def test_an_empty_file_says_that_it_is_empty(secretariat):
    response = secretariat.post(
        reverse("import_start", args=["conventions"]),
        {"file": csv_file("", "vide.csv"), "reason": "x"},
    )
    assertContains(response, "Ce fichier est vide")
    assertNotContains(response, "message success")
    assert not ImportRow.objects.exists()


def send(client, file, **data):
    address = reverse("import_start", args=["conventions"])
    return client.post(address, {"file": file, **data}, follow=True)


def test_the_whole_path_on_the_pages(agent, parakou, orleans):
    page = send(agent, table("A;Parakou;;Orléans;;;;;", "B;Parakou;;Orleanz;;;;;", "C;;;;x;;;;"))
    assertContains(page, "Rien n’est encore écrit")
    assertContains(page, "1 ligne changerait le registre")
    assertContains(page, "« Orleanz »")
    job = Import.objects.get()
    page = agent.post(
        reverse("import_answer", args=[job.reference]), {"q0": orleans.slug}, follow=True
    )
    assertContains(page, "Importer 2 lignes")
    job.refresh_from_db()
    confirm = reverse("import_confirm", args=[job.reference])
    page = agent.post(confirm, {"fingerprint": "stale"}, follow=True)
    assertContains(page, "n’est plus à jour")
    page = agent.post(confirm, {"fingerprint": job.fingerprint}, follow=True)
    assertContains(page, "2 lignes sont écrites")
    page = agent.post(confirm, {"fingerprint": job.fingerprint}, follow=True)
    assertContains(page, "n’est plus à jour")
    assert Convention.objects.count() == 2
    page = agent.post(reverse("import_undo", args=[job.reference]), follow=True)
    assertContains(page, "Cet import est annulé")
    assert not Convention.objects.exists()


def test_no_success_is_told_where_nothing_is_imported(agent, parakou):
    page = send(agent, table("C;;;;x;;;;"))
    job = Import.objects.get()
    assertContains(page, "Rien à importer")
    page = agent.post(
        reverse("import_confirm", args=[job.reference]),
        {"fingerprint": job.fingerprint},
        follow=True,
    )
    assertContains(page, "Rien n’est importé")
    assertNotContains(page, "message success")


def test_refused_rows_are_mended_and_sent_again(secretary, client, parakou, orleans):
    client.force_login(secretary)
    job = read(table("A;Parakou;;Orléans;x;;;;", "B;Parakou;;Orléans;2019;;;;"), secretary)
    for extension in ("csv", "xlsx"):
        response = client.get(reverse("import_refused", args=[job.reference, extension]))
        content = b"".join(response.streaming_content)
        if extension == "csv":
            text = content.decode("utf-8-sig")
            assert "n’est pas une date" in text
            mended = csv_file(text.replace(";x;", ";2019;"))
        else:
            sheet = (
                CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
            )
            mended = xlsx_file(
                *[[cell if cell != "x" else "2019" for cell in row] for row in sheet]
            )
        again = read(mended, secretary)
        assert verdicts(again) == ["ajout"]
        assert again.unknown_headings == []


def test_others_see_nothing_of_an_import(agent, client, parakou):
    job = read(table("A;Parakou;;;;;;;"), agent.user)
    other = make_user(Role.COMMUNE)
    addresses = [
        (reverse("import_detail", args=[job.reference]), "get"),
        (reverse("import_refused", args=[job.reference, "csv"]), "get"),
        (reverse("import_confirm", args=[job.reference]), "post"),
        (reverse("import_answer", args=[job.reference]), "post"),
        (reverse("import_undo", args=[job.reference]), "post"),
    ]
    client.force_login(other)
    for address, verb in addresses:
        assert getattr(client, verb)(address).status_code == 404
    client.force_login(make_user(Role.MEMBER))
    assert client.get(reverse("import_list")).status_code == 403
    assert client.get(reverse("import_start", args=["conventions"])).status_code == 403
    assert client.get(reverse("import_start", args=["bidules"])).status_code == 404
    client.logout()
    assert client.get(reverse("import_list")).status_code == 302
    assert client.get(addresses[0][0]).status_code == 302
    client.force_login(make_user(Role.SECRETARIAT))
    assert client.get(addresses[0][0]).status_code == 200


def test_the_template_comes_back_filled_in(secretary, parakou, orleans):
    book = CalamineWorkbook.from_filelike(BytesIO(files.template_xlsx(FullConventionImporter)))
    assert book.sheet_names == ["Conventions", "Mode d’emploi", "Listes"]
    headings = book.get_sheet_by_index(0).to_python()[0]
    assert FullConventionImporter.recognise(headings).count(None) == 0
    values = {
        "Intitulé": "Forêts",
        "Partie 1": "Parakou",
        "Partie 4": "Orléans",
        "Montant 3": "5",
        "Monnaie 3": "XOF",
    }
    job = read(xlsx_file(headings, [values.get(heading, "") for heading in headings]), secretary)
    assert verdicts(job) == ["ajout"]
    csv_headings = files.template_csv(FullConventionImporter).lstrip("\ufeff").strip().split(";")
    assert csv_headings == headings


def test_the_command_imports_or_only_says_what_it_would(tmp_path, parakou, orleans, capsys):
    path = tmp_path / "liste.csv"
    path.write_bytes(table("A;Parakou;;Orléans;;;;;", "B;Parakou;;Orleanz;;;;;").read())
    call_command("import_conventions", path, "--dry-run")
    said = capsys.readouterr().out
    assert "ligne 2 : à ajouter – A" in said
    assert "« Orleanz » ? orleans" in said
    assert not Import.objects.exists()
    call_command("import_conventions", path, "--answer", "Orleanz=orleans", "--reason", "Reprise")
    assert Convention.objects.count() == 2
    assert Convention.history.first().history_change_reason.endswith("Reprise")
    call_command("import_conventions", path, "--answer", "Orleanz=orleans")
    assert "aucune ligne ne change le registre" in capsys.readouterr().out
    for arguments in (["--by", "personne"], ["--answer", "Rien=rien"]):
        with pytest.raises(CommandError):
            call_command("import_conventions", path, *arguments)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_conventions", tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("amount", "currency", "found"),
    [
        ("5 000 000 XOF", "EUR", "à la fois"),
        ("5000 FCFA", "EUR", "à la fois"),
        ("5000 F CFA", "", "XOF"),
        ("5 000 €", "", "EUR"),
        ("5 000,50 euros", "€", "EUR"),
        ("5000 patates", "", "n’est pas dans la liste"),
    ],
)
def test_the_unit_of_an_amount_is_read_and_never_contradicted(
    secretary, parakou, amount, currency, found
):
    job = read(table(f"A;Parakou;;;;;{amount};{currency};"), secretary)
    row = rows(job)[2]
    if row.verdict == "refusee":
        assert found in row.trouble
    else:
        written(job)
        assert BudgetLine.objects.get().currency == found


def test_one_partner_twice_in_one_role_is_told_before_the_writing(secretary, parakou):
    job = read(table("A;Parakou;;PARAKOU;;;;;", "B;Parakou;signataire;Parakou;;;;;"), secretary)
    assert verdicts(job) == ["refusee", "ajout"]
    assert "est là deux fois" in rows(job)[2].trouble
    written(job)
    assert Party.objects.count() == 2


def test_only_the_wrong_cell_of_a_line_is_told(secretary, parakou):
    job = read(table("A;Parakou;;;;;1,234;EUR;"), secretary)
    assert len(rows(job)[2].errors) == 1


def test_an_article_is_part_of_a_name(secretary, parakou):
    make_partner(name="Le Mans", country="FR")
    job = read(table("A;Parakou;;Mans;;;;;", "B;Parakou;;Ville Le Mans;;;;;"), secretary)
    assert verdicts(job) == ["question", "ajout"]


def test_an_undo_that_fails_can_be_tried_again(secretary, parakou, orleans, monkeypatch):
    job = written(read(table("A;Parakou;;Orléans;;;;;"), secretary))
    with monkeypatch.context() as patch:
        patch.setattr("cooperation.importing.undoing.take_back", lambda rows: 1 / 0)
        job = undone(job)
    assert job.state == Import.State.WRITTEN
    assert "rien n’est annulé" in job.notice
    assert undone(job).state == Import.State.UNDONE
    assert not Convention.objects.exists()


def test_a_second_worker_with_an_old_copy_does_nothing(secretary, parakou, orleans):
    job = read(table("A;Parakou;;Orléans;;;;;"), secretary)
    runs.confirm(job, secretary)
    job.refresh_from_db()
    stale = Import.objects.get(pk=job.pk)
    carry_on(job)
    runs.write(stale)
    job.refresh_from_db()
    assert (job.state, Convention.objects.count()) == (Import.State.WRITTEN, 1)
    runs.ask_undo(job, secretary)
    stale.refresh_from_db()
    carry_on(job)
    runs.undo(stale)
    job.refresh_from_db()
    assert job.state == Import.State.UNDONE, job.notice


def test_who_takes_an_import_back_is_its_author_in_the_history(secretary, parakou, orleans):
    agent = make_user(Role.COMMUNE, partner=parakou)
    job = written(read(table("A;Parakou;;Orléans;;;;;"), agent))
    runs.ask_undo(job, secretary)
    carry_on(job)
    authors = Convention.history.order_by("history_id").values_list("history_user", flat=True)
    assert list(authors) == [agent.pk, secretary.pk]


def test_a_new_partner_that_somebody_changed_stays(secretary, parakou):
    job = read(table("A;Parakou;;Metz;;;;;"), secretary)
    job = written(answer(job, {next(iter(job.questions)): "+"}))
    metz = Partner.objects.get(name="Metz")
    metz.country = "FR"
    metz.save()
    assert undone(job).state == Import.State.UNDONE
    assert Partner.objects.filter(name="Metz").exists()


def test_an_answer_may_be_changed(secretary, parakou, pobe):
    job = read(table("A;Parakou;;Pobbe;;;;;"), secretary)
    (key,) = job.questions
    job = answer(job, {key: "-"})
    assert verdicts(job) == ["refusee"]
    assert key in job.questions
    assert verdicts(answer(job, {key: pobe.slug})) == ["ajout"]


def test_questions_come_before_nothing_to_import(agent, parakou):
    page = send(agent, table("A;Parakou;;Orleanz;;;;;"))
    assertContains(page, "Une question attend votre réponse pour 1 ligne")
    assertNotContains(page, "Rien à importer")


def test_what_was_written_is_linked(agent, parakou, orleans):
    send(agent, table("A;Parakou;;Orléans;;;;;"))
    job = written(Import.objects.get())
    page = agent.get(job.get_absolute_url())
    assertContains(page, f'href="{Convention.objects.get().get_absolute_url()}"')
    assertContains(page, ">ajoutée<")


def test_a_file_that_was_imported_is_told(secretary, parakou, orleans):
    lines = "A;Parakou;;Orléans;;;;;"
    written(read(table(lines), secretary))
    assert "déjà été importé le" in read(table(lines), secretary).notice


def test_an_import_that_was_left_is_taken_up_again(agent, parakou, orleans, monkeypatch):
    job = runs.receive(
        runs.read_table(table("A;Parakou;;Orléans;;;;;"), "conventions"), user=agent.user
    )
    assert jobs.is_abandoned(job.reference)
    page = agent.get(job.get_absolute_url())
    assertContains(page, "Le reprendre")
    agent.post(reverse("import_resume", args=[job.reference]))
    job.refresh_from_db()
    assert job.state == Import.State.READY


@pytest.mark.parametrize("extension", ["exe", "pdf", "a%0Ab", 'c"sv'])
def test_templates_are_xlsx_or_csv(secretariat, extension):
    address = f"/imports/modele-conventions.{extension}"
    assert secretariat.get(address).status_code == 404


def test_a_command_that_fails_says_so(tmp_path, parakou, monkeypatch):
    path = tmp_path / "liste.csv"
    path.write_bytes(table("A;Parakou;;;;;;;").read())
    monkeypatch.setattr(runs, "analyse", lambda job: 1 / 0)
    with pytest.raises(CommandError, match="erreur inattendue"):
        call_command("import_conventions", path)


def test_an_undo_asks_both_gates_as_they_are_now(secretary, parakou, orleans, pobe):
    agent = make_user(Role.COMMUNE, partner=parakou)
    convention = make_convention([parakou, orleans], title="Nôtre")
    amount = make_budget_line(convention, amount="1000", currency="EUR")
    file = f"{convention.reference};Nôtre;Pobè;5000;EUR"
    job = written(
        read(table(file, headings="Référence;Intitulé;Partie 1;Montant 1;Monnaie 1"), agent)
    )
    amount.refresh_from_db()
    assert amount.amount == 5000
    convention.publish(secretary)
    job = undone(job)
    assert job.state == Import.State.WRITTEN
    assert convention.parties.filter(partner=pobe).exists()
    runs.ask_undo(job, secretary)
    assert carry_on(job).state == Import.State.UNDONE
    assert not convention.parties.filter(partner=pobe).exists()


def test_rights_that_are_lost_write_nothing(parakou, orleans, pobe):
    agent = make_user(Role.COMMUNE, partner=parakou)
    convention = make_convention([parakou, orleans], title="Nôtre")
    job = read(table("Nôtre;Parakou;;Orléans;2001;;;;"), agent)
    assert verdicts(job) == ["mise-a-jour"]
    agent.partner = pobe
    agent.save()
    job.refresh_from_db()
    job = written(job)
    assert job.state == Import.State.READY
    convention.refresh_from_db()
    assert convention.starts_on == "2019"
    job = read(table("Autre;Pobè;;Orléans;2001;;;;"), agent)
    agent.partner = parakou
    agent.save()
    assert not Import.objects.visible_to(agent).filter(pk=job.pk).exists()


def test_an_undo_takes_no_link_of_others_away(secretary, parakou):
    job = read(csv_file("Nom;Pays\nLieu;France", "p.csv"), secretary, kind="partenaires")
    job = written(job)
    place = Partner.objects.get(name="Lieu")
    grouping = make_partner(name="Groupe", kind="groupement")
    grouping.members.add(place)
    assert undone(job).state == Import.State.WRITTEN
    assert list(grouping.members.all()) == [place]


def test_a_row_is_the_convention_of_its_own_time_and_others_are_asked(secretary, parakou, orleans):
    make_convention([parakou, orleans], title="T", starts_on="2015", ends_on="2018")
    job = read(table("T;Parakou;;Orléans;2019;2022;;;"), secretary)
    assert verdicts(job) == ["question"]
    job = written(answer(job, {next(iter(job.questions)): "+"}))
    both = read(
        table("T;Parakou;;Orléans;2015;2018;;;", "T;Parakou;;Orléans;2019;2022;;;"), secretary
    )
    assert verdicts(both) == ["inchangee", "inchangee"]
    assert verdicts(read(table("T;;;;;;;;"), secretary)) == ["question"]


def test_rows_of_one_title_stay_apart_at_the_second_reading(secretary, parakou, orleans):
    lines = ("T;Parakou;;Orléans;;;;;", "T;;;;2020;;;;")
    job = written(read(table(*lines), secretary))
    assert verdicts(job) == ["ajout", "ajout"]
    assert "mise-a-jour" not in verdicts(read(table(*lines), secretary))


def test_the_preview_is_of_the_record_that_is_written(secretary, parakou, orleans):
    first = make_convention([parakou, orleans], title="T", starts_on=None, ends_on=None)
    job = read(table("T;Parakou;;Orléans;2019;;;;"), secretary)
    first.title = "Autre chose, tout autre"
    first.save()
    second = make_convention([parakou, orleans], title="T", starts_on=None, ends_on=None)
    job = written(job)
    assert job.state == Import.State.READY
    second.refresh_from_db()
    assert second.starts_on is None


def test_two_rows_do_not_follow_each_other(secretary, parakou, orleans):
    one, two = make_convention([parakou], title="Un"), make_convention([orleans], title="Deux")
    lines = (f"{one.reference};Un;{two.reference}", f"{two.reference};Deux;{one.reference}")
    job = read(table(*lines, headings="Référence;Intitulé;Fait suite à"), secretary)
    assert verdicts(job) == ["mise-a-jour", "refusee"]
    assert "en rond" in rows(job)[3].trouble


def test_an_end_that_follows_from_a_duration_is_shown_and_undone(secretary, parakou, orleans):
    convention = make_convention([parakou, orleans], title="T", starts_on="2019-01", ends_on=None)
    job = read(
        table(f"{convention.reference};T;24", headings="Référence;Intitulé;Durée en mois"),
        secretary,
    )
    assert ["fin", "", "décembre 2020"] in rows(job)[2].changes
    undone(written(job))
    convention.refresh_from_db()
    assert (convention.ends_on, convention.duration_months) == (None, None)


def test_a_refused_row_does_not_stand_in_the_way_of_the_next(secretary, parakou, orleans):
    job = read(
        table("T;Parakou;;Orléans;2020;2019;;;", "T;Parakou;;Orléans;2019;2020;;;"), secretary
    )
    assert verdicts(job) == ["refusee", "ajout"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("T;Parakou;;x" + "y" * 300 + ";;;;;", "ne peut pas être le nom"),
        ("T;Parakou;;???;;;;;", "ne peut pas être le nom"),
        ("T;Parakou;;;;;;;;;;de trop", "plus de cellules"),
    ],
)
def test_what_cannot_be_a_partner_or_has_no_heading_is_refused(secretary, parakou, line, words):
    job = read(table(line), secretary)
    job = answer(job, dict.fromkeys(job.questions, "+")) if job.questions else job
    assert words in rows(job)[2].trouble


def test_a_predecessor_that_one_may_not_see_is_not_named(parakou, orleans, pobe):
    secret = make_convention([pobe], title="SECRET")
    ours, next_one = (make_convention([parakou], title=title) for title in ("Un", "Deux"))
    next_one.predecessor = secret
    next_one.save()
    agent = make_user(Role.COMMUNE, partner=parakou)
    job = read(
        table(
            f"{next_one.reference};Deux;{ours.reference}",
            headings="Référence;Intitulé;Fait suite à",
        ),
        agent,
    )
    assert rows(job)[2].changes == [["fait suite à", "(non visible)", "Un"]]


def test_a_row_that_breaks_the_reading_is_refused_alone(secretary, parakou, monkeypatch):
    plan = FullConventionImporter.plan
    monkeypatch.setattr(
        FullConventionImporter,
        "plan",
        lambda self, meanings, cells, line: (
            1 / 0 if line == 2 else plan(self, meanings, cells, line)
        ),
    )
    assert verdicts(read(table("A;Parakou;;;;;;;", "B;Parakou;;;;;;;"), secretary)) == [
        "refusee",
        "ajout",
    ]


def test_many_rows_of_one_title_are_read_in_linear_time(secretary, parakou):
    """Queries, not seconds: a noisy machine proves nothing."""
    for number in range(30):
        make_partner(name=f"Ville {number}", country="FR")
    lines = [f"T;Parakou;;Ville {number};;;;;" for number in range(30)]
    written(read(table(*lines), secretary))

    def queries(count):
        job = runs.receive(runs.read_table(table(*lines[:count]), "conventions"), user=secretary)
        with CaptureQueriesContext(connection) as captured:
            carry_on(job)
        assert set(verdicts(job)) == {"inchangee"}
        return len(captured)

    few = queries(5)
    assert queries(30) < 7 * few


def test_odd_and_huge_numbers_are_refused_where_they_stand(secretary, parakou):
    job = read(table(f"A;{'6' * 5000}", "B;١", headings="Intitulé;ODD"), secretary)
    assert verdicts(job) == ["refusee", "refusee"]
