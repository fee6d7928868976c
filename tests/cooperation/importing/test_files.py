from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from actions.importing.conventions import FullConventionImporter
from cooperation.importing import files
from tests.sheets import (
    csv_file,
    read,
    table,
    verdicts,
    xlsx_file,
)


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
        assert not again.rows.first().aside


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


@pytest.mark.parametrize("extension", ["exe", "pdf", "a%0Ab", 'c"sv'])
def test_templates_are_xlsx_or_csv(secretariat, extension):
    address = f"/imports/modele-conventions.{extension}"
    assert secretariat.get(address).status_code == 404
