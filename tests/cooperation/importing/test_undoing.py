import pytest

from actions.models import BudgetLine
from agreements.models import Convention
from cooperation.importing import runs
from cooperation.models import Import, Partner, User
from cooperation.records.history import events
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_partner,
    make_user,
)
from tests.sheets import answer, carry_on, csv_file, read, table, undone, written

ROOT = User(is_superuser=True)


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


def test_an_undo_that_fails_can_be_tried_again(secretary, parakou, orleans, monkeypatch):
    job = written(read(table("A;Parakou;;Orléans;;;;;"), secretary))
    with monkeypatch.context() as patch:
        patch.setattr("cooperation.importing.undoing.take_back", lambda rows: 1 / 0)
        job = undone(job)
    assert job.state == Import.State.WRITTEN
    assert "rien n’est annulé" in job.notice
    assert undone(job).state == Import.State.UNDONE
    assert not Convention.objects.exists()


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


def test_an_undo_takes_no_link_of_others_away(secretary, parakou):
    job = read(csv_file("Nom;Pays\nLieu;France", "p.csv"), secretary, kind="partenaires")
    job = written(job)
    place = Partner.objects.get(name="Lieu")
    grouping = make_partner(name="Groupe", kind="groupement")
    grouping.members.add(place)
    assert undone(job).state == Import.State.WRITTEN
    assert list(grouping.members.all()) == [place]
