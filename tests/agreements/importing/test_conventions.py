from agreements.models import Party
from cooperation.roles import Role
from tests.factories import (
    make_convention,
    make_user,
)
from tests.sheets import (
    read,
    rows,
    table,
    undone,
    verdicts,
    written,
)


def test_one_partner_twice_in_one_role_is_told_before_the_writing(secretary, parakou):
    job = read(table("A;Parakou;;PARAKOU;;;;;", "B;Parakou;signataire;Parakou;;;;;"), secretary)
    assert verdicts(job) == ["refusee", "ajout"]
    assert "est là deux fois" in rows(job)[2].trouble
    written(job)
    assert Party.objects.count() == 2


def test_only_the_wrong_cell_of_a_line_is_told(secretary, parakou):
    job = read(table("A;Parakou;;;;;1,234;EUR;"), secretary)
    assert len(rows(job)[2].errors) == 1


def test_two_rows_do_not_follow_each_other(secretary, parakou, orleans):
    one, two = make_convention([parakou], title="Un"), make_convention([orleans], title="Deux")
    lines = (f"{one.reference};Un;{two.reference}", f"{two.reference};Deux;{one.reference}")
    job = read(table(*lines, headings="Référence;Intitulé;Fait suite à"), secretary)
    assert verdicts(job) == ["mise-a-jour", "refusee"]
    assert "en rond" in rows(job)[3].trouble


def test_an_end_that_follows_from_a_duration_goes_with_it(secretary, parakou, orleans):
    convention = make_convention([parakou, orleans], title="T", starts_on="2019-01", ends_on=None)
    job = read(
        table(f"{convention.reference};T;24", headings="Référence;Intitulé;Durée en mois"),
        secretary,
    )
    assert rows(job)[2].changes == [["durée en mois", "", "24"]]
    job = written(job)
    convention.refresh_from_db()
    assert (convention.ends_on, convention.deduced_end) == (None, "2020-12")
    undone(job)
    convention.refresh_from_db()
    assert (convention.deduced_end, convention.duration_months) == (None, None)


def test_a_predecessor_that_one_may_not_see_is_not_named(parakou, orleans, pobe):
    secret = make_convention([pobe], title="SECRET")
    ours, next_one = (make_convention([parakou], title=title) for title in ("Un", "Deux"))
    next_one.predecessor = secret
    next_one.save()
    agent = make_user(Role.COMMUNE, partner=parakou)
    job = read(
        table(
            f"{next_one.reference};Deux;{ours.reference}",
            headings="Référence;Intitulé;Fait suite à",
        ),
        agent,
    )
    assert rows(job)[2].changes == [["fait suite à", "(non visible)", "Un"]]
