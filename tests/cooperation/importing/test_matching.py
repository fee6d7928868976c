from agreements.models import Party
from tests.factories import (
    make_partner,
)
from tests.sheets import (
    answer,
    read,
    table,
    verdicts,
    written,
)


def test_a_name_that_is_only_alike_is_asked(secretary, parakou, pobe):
    job = read(table("Forêts;Parakou;;Pobbe;;;;;", "Eaux;Parakou;;Pobbe;;;;;"), secretary)
    assert verdicts(job) == ["question", "question"]
    ((key, question),) = job.questions.items()
    assert question["rows"] == 2
    assert [choice[0] for choice in question["choices"]] == [pobe.slug]
    job = answer(job, {key: pobe.slug})
    assert verdicts(job) == ["ajout", "ajout"]
    written(job)
    assert Party.objects.filter(partner=pobe).count() == 2


def test_an_alias_a_code_and_an_acronym_are_not_asked(secretary, pobe):
    french = make_partner(
        name="Orléans Métropole", country="FR", kind="groupement", short_name="OM"
    )
    french.codes.create(scheme="FR-SIREN", code="244500468")
    lines = (
        "A;pobé;;OM;;;;;",
        "B;commune de POBÈ;;244500468;;;;;",
        "C;Pobè;;Orléans Métropole (OM);;;;;",
    )
    assert verdicts(read(table(*lines), secretary)) == ["ajout"] * 3


def test_two_partners_of_one_name_are_asked(secretary, parakou):
    make_partner(name="Saint-Denis", country="FR")
    make_partner(name="Saint Denis", country="RE")
    job = read(table("A;Parakou;;Saint-Denis;;;;;"), secretary)
    assert len(next(iter(job.questions.values()))["choices"]) == 2


def test_an_article_is_part_of_a_name(secretary, parakou):
    make_partner(name="Le Mans", country="FR")
    job = read(table("A;Parakou;;Mans;;;;;", "B;Parakou;;Ville Le Mans;;;;;"), secretary)
    assert verdicts(job) == ["question", "ajout"]
