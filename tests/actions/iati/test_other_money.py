import pytest

from actions.models import BudgetLine, Disbursement
from agreements.models import Convention
from tests.actions.iati.readers import activities, bring_in

PERIOD = '<period-start iso-date="{}"/><period-end iso-date="{}"/>'


BEGUN = '<activity-date iso-date="2021-01-01" type="1"/>'


def budget(amount, start="2021-01-01", end="2021-12-31", kind=""):
    kind = kind and f' type="{kind}"'
    value = f'<value value-date="{start}">{amount}</value>'
    return f"<budget{kind}>{PERIOD.format(start, end)}{value}</budget>"


def transaction(kind, amount, day="2021-02-01", provider="", currency="EUR"):
    provider = provider and f"<provider-org><narrative>{provider}</narrative></provider-org>"
    return (
        f'<transaction><transaction-type code="{kind}"/><transaction-date iso-date="{day}"/>'
        f'<value currency="{currency}" value-date="{day}">{amount}</value>{provider}</transaction>'
    )


def file(*inner, identifier="XM-DAC-2-10-1", title="Déchets", dates=""):
    return activities(
        f'<iati-activity default-currency="EUR"><iati-identifier>{identifier}</iati-identifier>'
        f"<title><narrative>{title}</narrative></title>"
        '<participating-org role="1"><narrative>Ville A</narrative></participating-org>'
        '<participating-org role="4"><narrative>Ville B</narrative></participating-org>'
        f"{dates or BEGUN}{''.join(inner)}</iati-activity>"
    )


NEW = {"partenaire:ville a": "+", "partenaire:ville b": "+"}


def brought(client, *inner, **facts):
    job = bring_in(client, file(*inner, **facts), NEW)
    assert job.counts == {"ajout": 1}, [row.trouble for row in job.rows.all()]
    lines = BudgetLine.objects.order_by("pk")
    return [(int(line.amount), line.currency, line.year, line.label) for line in lines]


@pytest.mark.parametrize(
    ("inner", "lines"),
    [
        # 453,300 € instead of 226,650, in a real file.
        ([budget(226650), transaction("2", 226650)], [(226650, "EUR", None, "")]),
        (
            [budget(1000), budget(2000, "2022-01-01", "2022-12-31")],
            [(1000, "EUR", 2021, ""), (2000, "EUR", 2022, "")],
        ),
        ([budget(1000), budget(700, kind="2")], [(700, "EUR", 2021, "")]),
        ([budget(700, kind="2"), budget(1000, kind="1")], [(700, "EUR", 2021, "")]),
        (
            [budget(900, "2021-07-01", "2022-06-30")],
            [(900, "EUR", None, "du 2021-07-01 au 2022-06-30")],
        ),
        ([transaction("2", 1000000), transaction("2", -200000)], [(800000, "EUR", None, "")]),
        ([transaction("2", 500), transaction("2", 0)], [(500, "EUR", None, "")]),
        ([transaction("2", 500), transaction("2", -500)], []),
        (
            [transaction("2", 500), transaction("2", -100, currency="XOF")],
            [(500, "EUR", None, "")],
        ),
        ([budget(0)], []),
        ([budget(-5), budget(7, "2022-01-01", "2022-12-31")], [(7, "EUR", 2022, "")]),
    ],
)
def test_each_sum_is_taken_once_and_nothing_is_refused_for_an_odd_one(secretariat, inner, lines):
    assert brought(secretariat, *inner) == lines


def test_a_payment_goes_to_the_line_that_it_can_only_be_of(secretariat):
    brought(
        secretariat,
        transaction("2", 1000),
        transaction("3", 300, "2021-05-02"),
        transaction("4", 50),
    )
    paid = Disbursement.objects.order_by("-amount")
    assert [(int(one.amount), one.paid_on) for one in paid] == [
        (300, "2021-05-02"),
        (50, "2021-02-01"),
    ]


def test_a_payment_that_may_be_of_two_lines_is_kept_aside(secretariat):
    several = [transaction("2", 1000, provider="Ville A"), transaction("2", 9, provider="Ville B")]
    brought(secretariat, *several, transaction("3", 300), transaction("3", 4, provider="Ville B"))
    assert [int(one.amount) for one in Disbursement.objects.all()] == [4]
    assert ">300<" in Convention.objects.get().iati_activities.get().elements


def test_the_real_end_is_told_where_none_was_planned(secretariat):
    dates = '<activity-date iso-date="2020-01-01" type="1"/><activity-date iso-date="2020-03-01" type="2"/>'
    dates += '<activity-date iso-date="2022-06-30" type="4"/>'
    brought(secretariat, dates=dates)
    convention = Convention.objects.get()
    assert (convention.starts_on, convention.ends_on) == ("2020-03-01", "2022-06-30")
