"""Lists to take away: the rows and filters of the page, in each format."""

import io
import json

import icalendar
import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_indicator,
    published,
)
from tests.lists import csv_rows, taken


@pytest.mark.parametrize("kind", ["action", "partner"])
@pytest.mark.parametrize("extension", ["csv", "xlsx", "json"])
def test_actions_and_partners_are_taken_away_too(client, forest, kind, extension):
    content = taken(client, kind, extension, q="planter" if kind == "action" else "parakou")
    if extension == "csv":
        assert len(csv_rows(content)) == 2
    elif extension == "json":
        assert len(json.loads(content)["results"]) == 1
    else:
        assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).height == 2


def test_the_calendar_keeps_the_precision_of_a_date(client):
    by_year = make_convention(title="Par an", ends_on="2090", **published())
    make_convention(title="Au jour", ends_on="2090-11-14", **published())
    make_convention(title="Passée", ends_on="2001", starts_on="2000", **published())
    make_indicator(by_year, name="Puits", target="5", target_on="2089-05")
    action = make_action(by_year, title="Creuser", planned_end="2088-01-02")
    response = client.get(reverse("convention_calendar"))
    found = {
        str(e["summary"]): e for e in icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    }
    assert found.keys() == {
        "Fin de la convention : Par an (2090, sans jour précis)",
        "Fin de la convention : Au jour",
        "Échéance : Puits (Par an) (mai 2089, sans jour précis)",
    }
    day = found["Fin de la convention : Au jour"]
    assert (str(day.decoded("dtstart")), str(day.decoded("dtend"))) == ("2090-11-14", "2090-11-15")
    year = found["Fin de la convention : Par an (2090, sans jour précis)"]
    assert (str(year.decoded("dtstart")), str(year.decoded("dtend"))) == (
        "2090-01-01",
        "2091-01-01",
    )
    text = client.get(reverse("action_calendar")).content.decode()
    assert "Fin prévue : Creuser" in text
    action.actual_end = "2026-01"
    action.save()
    assert "Creuser" not in client.get(reverse("action_calendar")).content.decode()


def test_the_total_of_a_row_is_rounded_once(client):
    """Line by line, three times 100 francs would be 45 cents instead of 46."""
    convention = make_convention(**published())
    for _ in range(3):
        make_budget_line(convention, amount="100", currency="XOF")
    answer = json.loads(client.get("/conventions/export.json").getvalue())
    assert answer["results"][0]["planned_total_eur"] == "0.46"
