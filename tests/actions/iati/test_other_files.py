from actions.iati.reading import ranked
from actions.models import Action, BudgetLine, IatiActivity
from agreements.models import Convention
from cooperation.models import PartnerCode, Theme
from tests.actions.iati.readers import FOREIGN, activities, activity, bring_in


def test_each_activity_of_another_file_is_a_draft_or_is_told_with_its_line(secretariat, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau", dac_code="14030")
    job = bring_in(secretariat, FOREIGN, {"partenaire:fonds de l eau": "+"})
    rows = {row.cells[0] or row.line: row for row in job.rows.all()}
    convention = Convention.objects.get(title="Eau à Parakou")
    orphan, action = Convention.objects.exclude(pk=convention.pk).get(), Action.objects.get()
    # Part of a programme that nobody here knows: a convention of its own, which says so aside.
    assert orphan.title == "Orpheline"
    assert "XX-ailleurs" in orphan.iati_activities.get().elements
    assert (convention.title, convention.status) == ("Eau à Parakou", "brouillon")
    assert (convention.starts_on, convention.ends_on, convention.objectives) == (
        "2019-11-14",
        "2021-12-31",
        "Boire.",
    )
    assert list(convention.themes.all()) == [theme]
    assert [odd.pk for odd in convention.odds.all()] == [6]
    roles = {party.partner.name: party.role for party in convention.parties.all()}
    assert roles == {"Fonds de l’eau": "bailleur", "Parakou": "chef-de-file"}
    assert (action.title, action.actual_start, list(action.implementers.all())) == (
        "Un puits",
        "2020-03-01",
        [parakou],
    )
    whole, part = BudgetLine.objects.order_by("pk")
    assert (whole.amount, whole.currency, whole.funder.name) == (655957, "XOF", "Fonds de l’eau")
    assert (str(part.amount), part.currency, part.year, part.action) == (
        "1500.50",
        "EUR",
        2020,
        action,
    )
    aside = convention.iati_activities.get(action=None)
    assert aside.identifier == "XX-1"
    for kept in ("<crs-add>", "gardé", 'vocabulary="2" code="140"', "Water"):
        assert kept in aside.elements, kept
    page = secretariat.get(convention.get_absolute_url()).content.decode()
    assert "Gardé du fichier IATI (XX-1)" in page
    assert "&lt;crs-add&gt;" in page
    refused = {key: row for key, row in rows.items() if row.verdict == "refusee"}
    lines = FOREIGN.decode().splitlines()
    for row in job.rows.all():
        assert "<iati-activity" in lines[row.line - 1]
    assert all(row.trouble for row in refused.values())
    assert job.counts == {"ajout": 3, "refusee": 3}


RICH = """<iati-activity xml:lang="en" default-currency="EUR" humanitarian="1">
<iati-identifier>FR-9-1</iati-identifier>
<reporting-org ref="FR-9" type="10"><narrative>Région inventée</narrative></reporting-org>
<title><narrative>Water</narrative><narrative xml:lang="fr">Eau</narrative></title>
<participating-org ref="FR-8" type="22" role="4" crs-channel-code="5000"><narrative>Parakou</narrative>
</participating-org>
<participating-org role="3"><narrative>Parakou</narrative></participating-org>
<activity-date type="2" iso-date="2019-01-01"/>
<sector code="14030" percentage="60"><narrative>Eau potable</narrative></sector>
<sector code="21010" percentage="40"/>
<tag vocabulary="2" code="06"/>
<tag vocabulary="2" code="6"/>
<budget status="2"><period-start iso-date="2020-01-01"/><period-end iso-date="2020-12-31"/>
<value value-date="2019-07-14">10</value></budget>
<budget><period-start iso-date="2021-01-01"/><value value-date="2021-01-01">11</value></budget>
<transaction ref="T-7"><transaction-type code="2"/><transaction-date iso-date="2019-02-03"/>
<value value-date="2019-02-04">12</value><receiver-org ref="BJ-7"/><x:more xmlns:x="urn:x">dit</x:more>
</transaction>
</iati-activity>"""


SAID = [
    *('humanitarian="1"', 'default-currency="EUR"', 'ref="FR-9"', "Région inventée", ">Water<"),
    *('crs-channel-code="5000"', 'role="3"', 'type="2"', 'percentage="60"', 'code="21010"'),
    *('code="06"', 'status="2"', "2019-07-14", "2021-01-01", 'ref="T-7"', "2019-02-03", "BJ-7"),
    ">dit<",
]


def test_what_a_file_says_beyond_the_registry_s_fields_is_kept(secretariat, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau", dac_code="14030")
    job = bring_in(secretariat, activities(RICH))
    assert job.counts == {"ajout": 1}, [row.errors for row in job.rows.all()]
    convention = Convention.objects.get()
    assert (convention.title, list(convention.themes.all())) == ("Eau", [theme])
    assert [odd.pk for odd in convention.odds.all()] == [6]
    line = BudgetLine.objects.get()
    assert (line.amount, line.currency, line.year) == (12, "EUR", None)
    kept = IatiActivity.objects.get().elements
    assert [text for text in SAID if text not in kept] == []


def test_two_names_of_one_partner_are_one_party(secretariat, parakou):
    said = "".join(
        f'<participating-org role="2"><narrative>{name}</narrative></participating-org>'
        for name in ("Parakou", "Commune de Parakou")
    )
    job = bring_in(secretariat, activities(activity("XX-1", said), activity("XX-2")))
    assert job.counts == {"ajout": 2}
    (party,) = Convention.objects.get(title="Eau", parties__isnull=False).parties.all()
    assert party.partner == parakou


def test_a_partner_is_known_by_its_official_code_whatever_its_name(secretariat, orleans):
    PartnerCode.objects.create(partner=orleans, scheme="FR-SIREN", code="214502346")
    said = (
        '<participating-org role="1" ref="FR-INSEE-214502346"><narrative>Stadt O.</narrative>'
        "</participating-org>"
    )
    assert bring_in(secretariat, activities(activity("XX-1", said))).counts == {"ajout": 1}
    assert Convention.objects.get().parties.get().partner == orleans


def test_what_is_part_of_a_part_comes_after_it_whatever_the_order(secretariat):
    def within(parent):
        return f'<related-activity type="1" ref="{parent}"/>'

    deep = [activity("N-3", within("N-2")), activity("N-2", within("N-1")), activity("N-1")]
    job = bring_in(secretariat, activities(*deep))
    assert job.counts == {"ajout": 3}, [row.errors for row in job.rows.all()]
    assert Action.objects.filter(convention=Convention.objects.get()).count() == 2


def test_a_part_of_what_is_refused_is_told_where_that_stands(secretariat):
    part = activity("N-2", '<related-activity type="1" ref="N-1"/>')
    job = bring_in(secretariat, activities(part, "\n\n", activity("N-1", title="")))
    assert job.counts == {"refusee": 2}
    row = job.rows.get(cells__0="N-2")
    assert (row.line, "de la ligne 3" in row.trouble) == (1, True)


def test_a_long_chain_is_ordered_at_once():
    before = {f"X{n}": f"X{n + 1}" for n in range(50_000)}
    ranks = ranked(before)
    assert (ranks["X0"], ranks["X49999"]) == (50_000, 1)
    assert sorted(ranked({"A": "B", "B": "A", "C": "A"}).values()) == [1, 2, 3]


def test_two_organisations_of_one_name_stay_two(secretariat, parakou, orleans):
    PartnerCode.objects.create(partner=parakou, scheme="IATI", code="BJ-1")
    PartnerCode.objects.create(partner=orleans, scheme="IATI", code="FR-2")

    def named(role, ref):
        return f'<participating-org role="{role}" {ref}><narrative>Mairie</narrative></participating-org>'

    both = named(1, 'ref="BJ-1"') + named(2, 'ref="FR-2"')
    assert bring_in(secretariat, activities(activity("XX-1", both))).counts == {"ajout": 1}
    roles = {party.partner: party.role for party in Convention.objects.get().parties.all()}
    assert roles == {parakou: "bailleur", orleans: "chef-de-file"}
    one = named(1, 'ref="FR-2"') + named(3, "")
    assert bring_in(secretariat, activities(activity("XX-2", one))).counts == {"ajout": 1}
