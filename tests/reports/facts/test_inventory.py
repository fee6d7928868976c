"""The inventory of any scope, period and grouping: one set of figures in every format."""

import csv
import io
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.http import QueryDict
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertNotContains
from python_calamine import CalamineWorkbook

from actions.models import BudgetLine
from cooperation.models import Theme
from cooperation.values.money import format_money
from reports.facts.inventory import By, build_inventory
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)
from tests.reports.readers import body, pdf_of, text_of


@pytest.fixture
def themes():
    return [Theme.objects.create(name=name, slug=name.lower()) for name in ("Eau", "Santé")]


@pytest.fixture
def registry(themes, parakou, orleans):
    """One convention of two themes, one of none, each with money; and a draft."""
    first = make_convention(
        [parakou, orleans], title="Première", starts_on="2001", ends_on="2003", **published()
    )
    first.themes.set(themes)
    make_action(first, places=[parakou])
    line = make_budget_line(first, amount="1000.10", currency="EUR", nature="numeraire")
    make_disbursement(line, amount="300.03")
    make_budget_line(first, amount="655957", currency="XOF", nature="valorisation")
    second = make_convention(
        [parakou], title="Seconde", starts_on="2010", ends_on="2012", **published()
    )
    make_budget_line(second, amount="0.20", currency="EUR")
    make_budget_line(second, amount="50", currency="USD")
    make_budget_line(make_convention([parakou], title="Brouillon"), amount="999")
    return first


def asked(query="", **options):
    return build_inventory(QueryDict(query), **options)


def sums(record):
    return {total.currency: total.amount for total in record.sums.totals}


def titles(inventory):
    return [entry.title for entry in inventory.entries()]


def test_groups_overlap_and_the_whole_counts_each_once(registry):
    inventory = asked(by="theme")
    assert [(g.label, g.count) for g in inventory.groups] == [
        ("Eau", 1),
        ("Santé", 1),
        ("Non renseigné", 1),
    ]
    assert sums(inventory) == {"XOF": 655957, "EUR": Decimal("1000.30"), "USD": 50}
    assert sums(inventory.groups[0]) == {"XOF": 655957, "EUR": Decimal("1000.10")}
    assert [t.amount for t in inventory.sums.paid] == [Decimal("300.03")]
    assert inventory.combined.euros == Decimal("2000.30")
    assert [t.currency for t in inventory.combined.apart] == ["USD"]


def test_a_period_keeps_what_was_in_force_with_its_terms_of_then(registry):
    make_avenant(registry, signed_on="2003-05", ends_on="2005", **published())
    assert titles(asked(first=2004, last=2004)) == ["Première"]
    assert next(asked(last=2002).entries()).term == "2003"
    assert next(asked(first=2003, last=2003).entries()).term == "2005"
    assert asked(first=2000).count == 2
    assert asked(first=2006, last=2009).count == 0


def test_what_is_missing_is_counted(client, registry, pango):
    gaps = dict(asked().gaps())
    assert (gaps["budget"], gaps["thème"], gaps["actions"]) == (0, 1, 1)
    assertContains(client.get(reverse("inventory")), "Ce qui manque")
    assert "Ce qui manque" in text_of(pdf_of(client.get("/inventaire.pdf")))


def test_filters_of_the_list_are_those_of_the_inventory(registry):
    inventory = asked("theme=eau")
    assert titles(inventory) == ["Première"]
    assert inventory.scope == ["Thème : Eau"]


def rows_of(content, extension):
    """{sheet: rows} of a spreadsheet, read back."""
    if extension == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        empty = [number for number, row in enumerate(rows) if not row]
        return {"Inventaire": rows[: empty[0]], "Totaux": rows[empty[0] + 1 : empty[1]]}
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def spreadsheet(client, extension, query=""):
    response = client.get(f"{reverse('inventory_file', args=[extension])}?{query}")
    assert response.status_code == 200
    return rows_of(body(response).read(), extension)


def whole(sheet):
    """{heading: amount} of the last row of the totals."""
    return {
        heading: Decimal(str(value).replace(",", "."))
        for heading, value in zip(sheet[0], sheet[-1], strict=False)
        if heading.startswith(("Prévu", "Payé")) and value not in ("", None)
    }


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_every_spreadsheet_holds_the_same_figures(client, registry, extension):
    sheets = spreadsheet(client, extension, "par=theme")
    assert len(sheets["Inventaire"]) == 4
    assert sheets["Inventaire"][1][:3] == ["Eau", registry.reference, "Première"]
    found = whole(sheets["Totaux"])
    assert found["Prévu EUR, ensemble"] == Decimal("1000.30")
    assert found["Prévu XOF, ensemble"] == 655957
    assert found["Prévu XOF, valorisation (temps d’agents, biens)"] == 655957
    assert found["Payé EUR"] == Decimal("300.03")
    assert len(sheets["Totaux"]) == 5


def test_page_and_pdf_tell_the_same(client, registry, pango):
    page = client.get(reverse("inventory"), {"par": "theme"})
    response = client.get(reverse("inventory_file", args=["pdf"]), {"par": "theme"})
    text = " ".join(p.extract_text() for p in PdfReader(body(response)).pages)
    for amount in ("1\u00a0000,30\u00a0€", "655\u00a0957\u00a0F\u202fCFA", "2\u00a0000,30\u00a0€"):
        assert amount.replace("\u202f", "\u00a0") in page.content.decode()
        assert amount.replace("\u202f", " ").replace("\u00a0", " ") in " ".join(
            text.split()
        ).replace("\u00a0", " ")
    assertNotContains(page, "Brouillon")
    assertContains(page, "Non renseigné")


def test_each_total_opens_its_rows(client, registry):
    page = client.get(reverse("inventory"), {"theme": "eau", "de": "2002", "a": "2003"})
    address = (
        f"{reverse('budget_line_list')}?liste=theme%3Deau%26year%3D2002%26year%3D2003&status=publie"
    )
    assertContains(page, address.replace("&", "&amp;"))
    rows = client.get(f"{address}&currency=EUR")
    assert [line.amount for line in rows.context["page"]] == [Decimal("1000.10")]
    paid = client.get(reverse("disbursement_list"), {"liste": "theme=eau", "currency": "EUR"})
    assert [row.amount for row in paid.context["page"]] == [Decimal("300.03")]
    none = client.get(reverse("budget_line_list"), {"liste": "theme=zzz"})
    assert not none.context["page"].paginator.count


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("de=2010&a=2001", "finit avant de commencer"),
        ("de=0", "1900"),
        ("a=99999999999", "2100"),
        ("par=bidule", "bidule"),
        ("theme=zzz", "n’est pas un choix"),
    ],
)
def test_what_makes_no_sense_is_told_and_makes_no_file(client, query, words):
    assertContains(client.get(f"{reverse('inventory')}?{query}"), words)
    for extension in ("pdf", "csv", "xlsx", "ods"):
        assert (
            client.get(f"{reverse('inventory_file', args=[extension])}?{query}").status_code == 404
        )
    assert client.get("/inventaire.exe").status_code == 404


def as_printed(text):
    """Readers of PDFs give any space for a non-breaking one."""
    return " ".join(text.split())


AMOUNTS = st.lists(
    st.tuples(
        st.decimals(min_value="0.01", max_value="9999999.99", places=2),
        st.sampled_from(["EUR", "XOF", "USD"]),
        st.sampled_from(["", "numeraire", "valorisation"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=AMOUNTS, by=st.sampled_from(By.values))
def test_totals_are_equal_to_the_cent_in_every_format_and_in_sql(client, db, pango, amounts, by):
    BudgetLine.objects.all().take_back()
    for amount, currency, nature in amounts:
        convention = make_convention([make_partner()], **published())
        make_budget_line(convention, amount=amount, currency=currency, nature=nature)
    plain = {
        row["currency"]: row["total"].quantize(Decimal("0.01"))
        for row in BudgetLine.objects.order_by().values("currency").annotate(total=Sum("amount"))
    }
    assert sums(asked(by=by)) == plain
    for extension in ("csv", "xlsx", "ods"):
        found = whole(spreadsheet(client, extension, f"par={by}")["Totaux"])
        for currency, total in plain.items():
            assert found[f"Prévu {currency}, ensemble"].quantize(Decimal("0.01")) == total
    page = client.get(reverse("inventory"), {"par": by}).content.decode()
    paper = text_of(pdf_of(client.get(f"/inventaire.pdf?par={by}")))
    for currency, total in plain.items():
        label = format_money(total, currency)
        assert label in page
        assert as_printed(label) in as_printed(paper)
    api = {}
    for row in client.get("/api/v1/conventions/", {"page_size": 500}).json()["results"]:
        for total in row["totals"]:
            api[total["currency"]] = api.get(total["currency"], 0) + Decimal(total["amount"])
    assert {code: amount for code, amount in api.items() if amount} == plain


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods", "pdf"])
def test_the_command_writes_what_the_page_gives(registry, tmp_path, pango, capsys, extension):
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
def test_the_command_says_what_it_refuses(arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("export_inventory", *arguments)
