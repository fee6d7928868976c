"""Every kind of PDF is PDF/UA-1 and PDF/A-2a, as it says: judged as the reference validator does."""

import io
from datetime import date

import page
import pikepdf
import pytest
from django.urls import reverse

from agreements.models import Convention
from reports.models import Bilan
from reports.pdf.fiches import FICHES
from tests.factories import make_practice
from tests.reports.bilans import content_of, edition_of
from tests.reports.readers import body
from tests.workgroup.factories import (
    make_comment,
    make_convened,
    make_group,
    make_minutes,
    make_shared,
)
from workgroup.models import MinutesStatus

PROFILES = ("ua1", "2a")


def faults(content, folder):
    """What the validator finds: {profile: the rules that are broken}."""
    file = folder / "judged.pdf"
    file.write_bytes(content)
    reports = {profile: page.validate_pdf(str(file), profile=profile) for profile in PROFILES}
    return {name: str(report) for name, report in reports.items() if not sound(report)}


def sound(report):
    return "no failures in implemented checks" in str(report)


def test_a_bilan_of_every_year_is_sound(client, content, pango, tmp_path):
    """All of them broke clause 7.2: nine figures stood in a table of four columns."""
    dated = Convention.objects.with_term().values_list("begin", "term")
    moving = {one.year for dates in dated for one in dates if one}
    # In the others, what a bilan holds is what it held the year before.
    years = sorted(
        year for year in {*moving, *(y + 1 for y in moving)} if year <= date.today().year
    )
    for year in [*years, date.today().year]:
        pdf = body(client.get(reverse("bilan_file", args=[year, "pdf"]))).read()
        assert faults(pdf, tmp_path) == {}, year


def test_an_inventory_fiches_and_an_edition_are_sound(client, content, pango, secretary, tmp_path):
    addresses = [
        reverse("inventory_file", args=["pdf"]) + f"?par={by}" for by in ("", "theme", "commune")
    ]
    convention = Convention.objects.get(reference="CONV-2026-0010")
    action, partner = convention.actions.first(), convention.parties.first().partner
    minutes = make_minutes(make_convened(make_group(), in_days=-1))
    minutes.move_to(MinutesStatus.CORRECTED, by=secretary)
    comment = make_comment(make_shared(minutes.meeting.group, secretary), secretary)
    keys = {
        "convention": convention.reference,
        "action": action.reference,
        "compte-rendu": minutes.meeting.reference,
        "remarques": comment.draft.reference,
        "bonne-pratique": make_practice(action).reference,
    }
    client.force_login(secretary)
    addresses += [reverse("fiche", args=[kind, keys.get(kind, partner.slug)]) for kind in FICHES]
    for address in addresses:
        assert faults(body(client.get(address)).read(), tmp_path) == {}, address
    bilan = Bilan.objects.create(title="Bilan 2020", first_year=2020, last_year=2020)
    assert faults(content_of(edition_of(bilan, secretary)), tmp_path) == {}


def without_language(pdf):
    del pdf.Root.Lang


def without_marks(pdf):
    del pdf.Root.MarkInfo


def without_metadata(pdf):
    del pdf.Root.Metadata


def without_colours(pdf):
    del pdf.Root.OutputIntents


def that_runs(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize(
    "damage", [without_language, without_marks, without_metadata, without_colours, that_runs]
)
def test_the_judge_sees_a_damaged_file(client, content, pango, tmp_path, damage):
    whole = body(client.get(reverse("fiche", args=["convention", "CONV-2026-0010"])))
    damaged = io.BytesIO()
    with pikepdf.open(whole) as pdf:
        damage(pdf)
        pdf.save(damaged)
    assert faults(damaged.getvalue(), tmp_path)
