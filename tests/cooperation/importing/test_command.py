import pytest
from django.core.management import CommandError, call_command

from agreements.models import Convention
from cooperation.importing import runs
from cooperation.models import Import
from tests.sheets import table


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


def test_a_command_that_fails_says_so(tmp_path, parakou, monkeypatch):
    path = tmp_path / "liste.csv"
    path.write_bytes(table("A;Parakou;;;;;;;").read())
    monkeypatch.setattr(runs, "analyse", lambda job: 1 / 0)
    with pytest.raises(CommandError, match="erreur inattendue"):
        call_command("import_conventions", path)


def test_columns_are_named_on_the_command_line(tmp_path, parakou, orleans, capsys):
    path = tmp_path / "liste.csv"
    path.write_bytes(table("Eau;Parakou;bleu", headings="Projet;Ville;Intitulé").read())
    columns = ["--column", "Projet=Intitulé", "--column", "Ville=Partie 1"]
    with pytest.raises(CommandError, match="deux fois"):
        call_command("import_list", "conventions", path, *columns)
    call_command("import_list", "conventions", path, *columns, "--column", "Intitulé=")
    convention = Convention.objects.get()
    assert (convention.title, [str(one) for one in convention.distinct_partners]) == (
        "Eau",
        ["Parakou"],
    )
    for wrong, words in (
        ("Absent=Intitulé", "titre d’aucune colonne"),
        ("Ville=X", "aucune colonne"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("import_list", "conventions", path, "--column", wrong)
    path.write_bytes(table("Eau;Parakou", headings="Projet;Ville").read())
    with pytest.raises(CommandError, match="désignez-la par --column"):
        call_command("import_list", "conventions", path)
