from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from tests.reports.inventories import rows_of, whole
from tests.reports.readers import text_of


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods", "pdf"])
def test_the_command_of_the_inventory_writes_what_the_page_gives(
    themed, tmp_path, pango, capsys, extension
):
    file = tmp_path / f"inventaire.{extension}"
    call_command(
        "export_inventory", file, "--filters", "theme=eau", "--by", "theme", "--from", "2001"
    )
    assert "1 conventions" in capsys.readouterr().out
    content = file.read_bytes()
    if extension == "pdf":
        assert "Première" in text_of(PdfReader(BytesIO(content)))
    else:
        assert whole(rows_of(content, extension)["Totaux"])["Prévu XOF, ensemble"] == 655957


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.doc"], "Format inconnu"),
        (["a.csv", "--filters", "theme=zzz"], "n’est pas un choix"),
        (["a.csv", "--from", "2010", "--to", "2001"], "finit avant"),
        (["a.csv", "--by", "x"], "x"),
        (["/absent/a.csv"], "No such file"),
    ],
)
def test_the_command_of_the_inventory_says_what_it_refuses(arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("export_inventory", *arguments)


@pytest.mark.parametrize("extension", ["pdf", "xlsx", "ods", "csv"])
def test_the_command_of_a_bilan_writes_a_draft(registry, tmp_path, pango, capsys, extension):
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
def test_the_command_of_a_bilan_says_what_it_refuses(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=words):
        call_command("export_bilan", *arguments)
    assert list(tmp_path.iterdir()) == []
