from decimal import Decimal

import pytest
from django.urls import reverse

from tests.reports.inventories import rows_of, spreadsheet, whole
from tests.reports.readers import body


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_every_spreadsheet_holds_the_same_figures(client, themed, extension):
    sheets = spreadsheet(client, extension, "par=theme")
    assert len(sheets["Inventaire"]) == 4
    assert sheets["Inventaire"][1][:3] == ["Eau", themed.reference, "Première"]
    found = whole(sheets["Totaux"])
    assert found["Prévu EUR, ensemble"] == Decimal("1000.30")
    assert found["Prévu XOF, ensemble"] == 655957
    assert found["Prévu XOF, valorisation (temps d’agents, biens)"] == 655957
    assert found["Payé EUR"] == Decimal("300.03")
    assert len(sheets["Totaux"]) == 5


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
