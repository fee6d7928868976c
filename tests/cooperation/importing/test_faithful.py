"""Nothing that a list says is lost, doubled, or told to the wrong record."""

import pytest
from django.urls import reverse

from actions.models import Action, BudgetLine, Disbursement
from agreements.models import Avenant, Convention
from cooperation.importing.aside import kept_aside
from cooperation.importing.forms import question_name
from cooperation.lists.tables import workbook_file
from cooperation.models import Partner
from cooperation.records.gates import Status
from tests.factories import make_convention, make_partner
from tests.sheets import answer, read, rows, table, undone, verdicts, written, xlsx_file


@pytest.fixture
def eau(parakou, orleans):
    return make_convention([parakou, orleans], title="Eau")


def bring(user, headings, *lines, kind="conventions"):
    return read(table(*lines, headings=headings), user, kind)


@pytest.mark.parametrize(
    ("kind", "headings", "line"),
    [
        ("actions", "Convention;Intitulé;Réalisée par", "Eau;Forer;Parakouu"),
        ("montants", "Convention;Montant;Monnaie;Financeur", "Eau;5;EUR;Parakouu"),
        ("echanges", "Convention;Échange;Où", "Eau;colloque;Orléans"),
    ],
)
def test_a_doubtful_name_in_a_list_of_parts_is_asked(secretary, eau, kind, headings, line):
    job = bring(secretary, headings, line, kind=kind)
    assert verdicts(job) == ["question"]
    assert len(job.questions) == 1


def test_a_column_that_was_named_does_not_stop_later_files(secretariat, parakou):
    def send(headings, line):
        data = {"file": table(line, headings=headings), "reason": "x"}
        page = secretariat.post(reverse("import_start", args=["conventions"]), data, follow=True)
        return page.context["job"], page

    job, page = send("Intitulé;Ville", "A;Parakou")
    named = {field.name: field.value() or "" for field in page.context["mapping"]}
    address = reverse("import_columns", args=[job.reference])
    secretariat.post(address, named | {"s0c1": "Partie 1"})
    job, _ = send("Intitulé;Ville;Partie 1", "B;Ici;Parakou")
    assert verdicts(job) == ["ajout"]


@pytest.fixture
def paid(eau):
    line = BudgetLine.objects.create(convention=eau, amount=1000, currency="EUR")
    return Disbursement.objects.create(
        budget_line=line, amount=100, currency="EUR", paid_on="2020-01-02"
    )


def test_two_payments_alike_are_two(secretary, eau, paid):
    headings, line = "Convention;Montant;Monnaie;Date", "Eau;100;EUR;2020-01-02"
    job = bring(secretary, headings, line, line, kind="versements")
    assert verdicts(job) == ["inchangee", "ajout"]
    undone(written(job))
    assert Disbursement.objects.get() == paid


def test_two_rows_do_not_change_one_record(secretary, eau):
    Avenant.objects.create(convention=eau, number=1, purpose="Prolonger")
    headings = "Convention;Numéro;Objet;Signé"
    lines = ["Eau;1;Prolonger;2020", "Eau;1;Prolonger encore;2021"]
    job = bring(secretary, headings, *lines, kind="avenants")
    assert verdicts(job) == ["mise-a-jour", "refusee"]
    job = bring(secretary, headings, "Eau;1;Prolonger;2020", "Eau;;Prolonger;", kind="avenants")
    assert "refusee" in verdicts(job)


@pytest.mark.parametrize(
    "lines", [["Eau;;A", "Eau;1;B"], ["Eau;1;B", "Eau;;A"], ["Eau;3;B", "Eau;;A"]]
)
def test_avenants_with_and_without_numbers_are_written(secretary, eau, lines):
    job = written(bring(secretary, "Convention;Numéro;Objet", *lines, kind="avenants"))
    assert job.state == "importe"
    assert Avenant.objects.values_list("number", flat=True).distinct().count() == 2


def test_several_in_a_cell_stand_beside_one_in_its_own_column(secretary, parakou, orleans):
    make_partner(name="Abomey")
    headings = "Intitulé;Partie 1;Parties;Montant 1;Monnaie 1;Montants"
    line = 'A;Parakou;"Orléans ; Abomey";5 000;EUR;250 XOF don'
    written(bring(secretary, headings, line))
    convention = Convention.objects.get()
    assert [str(one) for one in convention.distinct_partners] == ["Parakou", "Orléans", "Abomey"]
    assert {one.currency for one in BudgetLine.objects.all()} == {"EUR", "XOF"}


def test_homonyms_are_told_apart_by_their_country(secretary, parakou):
    for country in ("FR", "BE"):
        make_partner(name="Saint-Denis", country=country)
    headings = "Intitulé;Partie 1;Partie 2;Pays de la partie 2"
    job = bring(
        secretary, headings, "A;Parakou;Saint-Denis;France", "B;Parakou;Saint-Denis;Belgique"
    )
    assert verdicts(job) == ["ajout", "ajout"]
    written(job)
    for title, country in (("A", "FR"), ("B", "BE")):
        assert Convention.objects.get(title=title).distinct_partners[1].country == country


def test_two_new_partners_of_two_countries_are_two(secretary, parakou):
    headings = "Intitulé;Partie 1;Partie 2;Pays de la partie 2"
    job = bring(secretary, headings, "A;Parakou;Xyzzy;France", "B;Parakou;Xyzzy;Belgique")
    assert len(job.questions) == 2
    written(answer(job, dict.fromkeys(job.questions, "+")))
    countries = Partner.objects.filter(name="Xyzzy").values_list("country", flat=True)
    assert set(countries) == {"FR", "BE"}


def test_what_a_list_says_of_a_partner_that_is_there_is_kept_aside(secretary, parakou, orleans):
    headings = "Intitulé;Partie 1;Partie 2;Nature de la partie 2"
    job = bring(secretary, headings, "A;Parakou;Orléans;entreprise ou bureau d’études")
    assert rows(job)[2].aside == {"nature d’Orléans": "entreprise ou bureau d’études"}


def test_an_answer_is_that_of_the_question_that_was_shown(secretariat, parakou):
    lines = [f"{n};Parakou;{n}ville" for n in ("Aaaa", "Bbbb")]
    data = {"file": table(*lines, headings="Intitulé;Partie 1;Partie 2"), "reason": "x"}
    page = secretariat.post(reverse("import_start", args=["conventions"]), data, follow=True)
    job = page.context["job"]
    first, second = job.questions
    address = reverse("import_answer", args=[job.reference])
    secretariat.post(address, {question_name(second): "-"})
    secretariat.post(address, {question_name(first): "+"})
    job.refresh_from_db()
    assert job.answers == {first: "+", second: "-"}


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.MERGED])
def test_nothing_is_added_to_a_convention_that_is_gone(secretary, eau, status, parakou):
    into = make_convention([parakou], title="Autre") if status == Status.MERGED else None
    Convention.objects.filter(pk=eau.pk).update(
        status=status, merged_into=into, published_at="2020-01-01T00:00Z"
    )
    line = f"{eau.reference};10;EUR"
    job = bring(secretary, "Convention;Montant;Monnaie", line, kind="montants")
    assert verdicts(job) == ["refusee"]


def test_one_word_in_two_columns_is_asked_twice(secretary, eau):
    def finish(book, sheet):
        book.add_worksheet("Actions").write_row(0, 0, ["Convention", "Intitulé", "Statut"])
        book.worksheets()[1].write_row(1, 0, ["Riz", "Forer", "gelé"])

    file = xlsx_file(["Intitulé", "Partie 1", "Statut"], ["Riz", "Parakou", "gelé"], finish=finish)
    job = read(file, secretary)
    assert len(job.questions) == 1
    job = answer(job, {"valeur:conventions:situations:kind:gele": "suspendue"})
    keys = [key for key in job.questions if key.startswith("valeur:actions")]
    assert verdicts(answer(job, {keys[0]: "suspendue"})) == ["ajout", "ajout"]


def test_a_sheet_that_is_no_list_stops_nothing(secretary, parakou):
    def finish(book, sheet):
        other = book.add_worksheet("Budget")
        other.write_row(0, 0, ["Poste", "Total"])
        other.write_row(1, 0, ["Eau", "12"])
        book.add_worksheet("Actions").write_row(0, 0, ["Convention", "Intitulé"])
        book.worksheets()[2].write_row(1, 0, ["Riz", "Forer"])
        book.worksheets()[2].hide()

    job = read(xlsx_file(["Intitulé", "Partie 1"], ["Riz", "Parakou"], finish=finish), secretary)
    assert verdicts(job) == ["ajout"]
    assert job.unread_sheets == ["Budget"]


def test_rows_of_another_sheet_come_back_mended(secretary, client, parakou, orleans):
    """Alone, and named as the list named its accords."""

    def finish(book, sheet):
        sheet.name = "ACCORDS"
        actions = book.add_worksheet("ACTIONS_PROJETS")
        actions.write_row(0, 0, ["Ref_Accord", "Titre_Action", "Date_Debut"])
        actions.write_row(1, 0, ["ACC-1", "Forer", "demain"])

    headings = ["Ref_Accord", "Commune_Benin", "Collectivite_Partenaire"]
    job = read(xlsx_file(headings, ["ACC-1", "Parakou", "Orléans"], finish=finish), secretary)
    assert verdicts(job) == ["ajout", "refusee"]
    written(job)
    client.force_login(secretary)
    page = client.get(reverse("import_refused", args=[job.reference, "csv"]))
    assert page.status_code == 404
    mended = xlsx_file(
        ["Ref_Accord", "Titre_Action", "Date_Debut"],
        ["ACC-1", "Forer", "2020"],
        finish=lambda book, sheet: setattr(sheet, "name", "ACTIONS_PROJETS"),
    )
    again = written(read(mended, secretary))
    assert verdicts(again) == ["ajout"]
    assert Action.objects.get().convention == Convention.objects.get()


def test_what_only_stands_aside_is_kept_once(secretary, eau):
    headings, line = "Référence;Contact", f"{eau.reference};Mme X"
    job = bring(secretary, headings, line)
    assert verdicts(job) == ["mise-a-jour"]
    written(job)
    assert kept_aside(eau.reference)[0].aside == {"Contact": "Mme X"}
    assert verdicts(bring(secretary, headings, line)) == ["inchangee"]


def test_a_long_chain_is_read_in_linear_time(secretary, parakou):
    lines = [f"T{n};Parakou;T{n - 1}" for n in range(150, 0, -1)]
    job = bring(secretary, "Intitulé;Partie 1;Fait suite à", *lines, "T0;Parakou;")
    assert set(verdicts(job)) == {"ajout"}
    assert job.rows.get(title="T150").turn == 150


@pytest.mark.parametrize("text", ["10 EUR - 20 EUR", "10 EUR à 20 EUR"])
def test_two_amounts_are_not_one(secretary, parakou, text):
    job = bring(secretary, "Intitulé;Partie 1;Montants", f"A;Parakou;{text}")
    assert verdicts(job) == ["refusee"]


def test_an_action_takes_place_in_communes(secretary, eau, orleans):
    ngo = make_partner(name="Aide", kind="ong", country="BJ")
    line = f"Eau;Forer;{ngo}"
    job = bring(secretary, "Convention;Intitulé;Communes", line, kind="actions")
    assert "n’est pas une commune" in rows(job)[2].trouble


def test_the_name_of_any_sheet_can_be_given_back():
    with workbook_file([("Actions/2020 ?", [["a"]], [])]) as file:
        assert file.read(2) == b"PK"


@pytest.mark.parametrize(
    "lines",
    [
        ["A;Parakou;Xyzzy;", "B;Parakou;Xyzzy;France"],
        ["B;Parakou;Xyzzy;France", "A;Parakou;Xyzzy;"],
    ],
)
def test_a_country_that_one_row_tells_makes_no_second_partner(secretary, parakou, lines):
    headings = "Intitulé;Partie 1;Partie 2;Pays de la partie 2"
    job = bring(secretary, headings, *lines)
    job = written(answer(job, dict.fromkeys(job.questions, "+")))
    assert Partner.objects.get(name="Xyzzy").country == "FR"
    undone(job)
    assert not Partner.objects.filter(name="Xyzzy").exists()
