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
