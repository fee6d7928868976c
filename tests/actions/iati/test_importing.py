"""IATI files come in: the registry's own come back identical, others as drafts or with a reason."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions.iati import codes
from actions.iati.building import MODELS
from actions.iati.own_files import LINES
from actions.iati.reading import ranked
from actions.models import Action, BudgetLine, IatiActivity
from agreements.models import Convention
from cooperation.models import Import, Odd, Partner, PartnerCode, Theme
from cooperation.roles import Role
from cooperation.values.text import is_blank
from tests.actions.iati.test_activities import read
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_measurement,
    make_partner,
    published,
)


def bring_in(client, content, answers=()):
    """Send a file, answer, confirm; the import."""
    file = SimpleUploadedFile("activites.xml", content, "application/xml")
    response = client.post("/imports/nouveau/iati/", {"file": file, "reason": "Essai"})
    assert response.status_code == 302, response.content.decode()[-3000:]
    job = Import.objects.latest("pk")
    if answers:
        data = {f"q{n}": answers[key] for n, key in enumerate(job.questions) if key in answers}
        client.post(f"/imports/{job.reference}/reponses/", data)
        job.refresh_from_db()
    if job.to_write:
        address = f"/imports/{job.reference}/confirmer/"
        client.post(address, {"fingerprint": job.fingerprint}, follow=True)
        job.refresh_from_db()
        assert job.state == "importe", (job.state, job.failure, job.notice)
    return job


def steady(content):
    """Without the moments at which files and records were made."""
    return re.sub(rb'(generated|last-updated)-datetime="[^"]*"', b"", content)


def publish_all(user):
    for partner in Partner.objects.order_by("pk"):
        partner.publish(user)
    for convention in Convention.objects.order_by("pk"):
        convention.publish(user)


@pytest.fixture(autouse=True)
def goals():
    for number in (6, 11):
        Odd.objects.get_or_create(pk=number, defaults={"name": f"Objectif {number}"})


@pytest.fixture
def secretary(sign_in):
    return sign_in(Role.SECRETARIAT)


dates = st.sampled_from([None, "1960", "2019", "2019-11", "2019-11-14", "2031"])
texts = (
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: not is_blank(text))
)
amounts = {
    "EUR": st.decimals("0.01", "9999999999999.99", places=2),
    "XOF": st.integers(1, 9999999999999),
}


def generate(data):
    """A registry of some conventions that follow one another, with all their lines."""
    draw = data.draw

    def between(start, end):
        found = [draw(dates), draw(dates)]
        ordered = sorted(found) if None not in found else found
        return dict(zip((start, end), ordered, strict=True))

    partners = [
        make_partner(
            name=draw(texts), kind=draw(st.sampled_from(["ong", "bailleur", ""])), country=c
        )
        for c in ("BJ", "FR", "")
    ]
    commune = make_partner(latitude="9.337", longitude="2.630")
    PartnerCode.objects.create(partner=partners[1], scheme="FR-SIREN", code="214502346")
    before = None
    for _ in range(draw(st.integers(1, 3))):
        convention = make_convention(
            draw(st.lists(st.sampled_from(partners), min_size=2, max_size=3, unique=True)),
            title=draw(texts),
            objectives=draw(st.one_of(st.just(""), texts)),
            signed_on=draw(st.sampled_from(["2018", "2019-02-03"])),
            predecessor=before,
            source=draw(st.one_of(st.just(""), texts)),
            **between("starts_on", "ends_on"),
            **published(),
        )
        before = convention
        convention.themes.set(
            draw(st.lists(st.sampled_from(list(Theme.objects.all())), unique=True))
        )
        convention.odds.set(draw(st.lists(st.sampled_from(list(Odd.objects.all())), unique=True)))
        avenant = make_avenant(
            convention, ends_on=draw(st.sampled_from([None, "2032"])), **published()
        )
        axis = make_axis(convention, added_by=draw(st.sampled_from([None, avenant])))
        for _ in range(draw(st.integers(0, 2))):
            action = make_action(
                convention,
                title=draw(texts),
                axis=draw(st.sampled_from([None, axis])),
                places=draw(st.sampled_from([[], [commune]])),
                state=draw(st.sampled_from(["", "achevee"])),
                **between("planned_start", "planned_end"),
            )
            action.implementers.set(draw(st.lists(st.sampled_from(partners), unique=True)))
            currency = draw(st.sampled_from(list(amounts)))
            line = make_budget_line(
                convention,
                action=draw(st.sampled_from([None, action])),
                amount=draw(amounts[currency]),
                currency=currency,
                nature=draw(st.sampled_from(["", "numeraire", "valorisation", "mixte"])),
                year=draw(st.sampled_from([None, 2020])),
                funder=draw(st.sampled_from([None, *partners])),
                label=draw(st.one_of(st.just(""), texts)),
            )
            make_disbursement(line, amount=draw(amounts[currency]), paid_on=draw(dates))
            indicator = make_indicator(
                convention,
                action=draw(st.sampled_from([None, action])),
                target="12.5",
                target_on="2020",
            )
            make_measurement(indicator, "7", place=draw(st.sampled_from([None, commune])))


class Undone(Exception):
    pass


# A registry that fails is shown as it is: making it smaller takes minutes.
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_file_of_the_registry_comes_back_identical(secretary, client, data):
    client.logout()
    with transaction.atomic():
        for slug in ("eau", "sante"):
            Theme.objects.get_or_create(slug=slug, defaults={"name": slug, "dac_code": "14030"})
        sent = None
        try:
            with transaction.atomic():
                generate(data)
                sent = read(client)
                raise Undone
        except Undone:
            pass
        assert not Convention.objects.exists()
        secretary.force_login(secretary.user)
        job = bring_in(secretary, sent)
        assert job.counts == {"ajout": job.total}, [row.errors for row in job.rows.all()]
        publish_all(secretary.user)
        secretary.logout()
        assert steady(read(client)).decode() == steady(sent).decode()
        transaction.set_rollback(True)


def test_the_first_content_comes_back_identical(client, content, secretary):
    secretary.logout()
    sent = read(client)
    secretary.force_login(secretary.user)
    job = bring_in(secretary, sent)
    # All of it is there already: nothing is entered twice.
    assert job.counts == {"inchangee": job.total}


FOREIGN = """<?xml version="1.0"?>
<iati-activities version="2.03">
 <iati-activity default-currency="EUR">
  <iati-identifier>XX-1-child</iati-identifier>
  <title><narrative>Un puits</narrative></title>
  <description><narrative>Creuser.</narrative></description>
  <participating-org role="4"><narrative>Parakou</narrative></participating-org>
  <activity-date iso-date="2020-03-01" type="2"/>
  <budget><period-start iso-date="2020-01-01"/><period-end iso-date="2020-12-31"/>
   <value value-date="2020-01-01">1500.5</value></budget>
  <related-activity ref="XX-1" type="1"/>
 </iati-activity>
 <iati-activity default-currency="EUR">
  <iati-identifier>XX-1</iati-identifier>
  <title><narrative xml:lang="en">Water</narrative><narrative xml:lang="fr">Eau à Parakou</narrative></title>
  <description type="2"><narrative>Boire.</narrative></description>
  <participating-org ref="XX-9" role="1"><narrative>Fonds de l’eau</narrative></participating-org>
  <participating-org role="2"><narrative>Ville de Parakou</narrative></participating-org>
  <activity-date iso-date="2019-11-14" type="1"/>
  <activity-date iso-date="2021-12-31" type="3"/>
  <sector code="14030"/>
  <sector vocabulary="2" code="140"/>
  <tag vocabulary="2" code="6"/>
  <transaction><transaction-type code="2"/><transaction-date iso-date="2019-11-14"/>
   <value currency="XOF" value-date="2019-11-14">655957</value>
   <provider-org><narrative>Fonds de l’eau</narrative></provider-org></transaction>
  <crs-add><other-flags code="1" significance="1"/></crs-add>
  <strange xmlns="urn:x">gardé</strange>
 </iati-activity>
 <iati-activity>
  <iati-identifier>XX-2</iati-identifier>
  <related-activity ref="XX-ailleurs" type="1"/>
  <title><narrative>Orpheline</narrative></title>
 </iati-activity>
 <iati-activity>
  <iati-identifier>XX-3</iati-identifier>
  <description><narrative>Sans titre.</narrative></description>
 </iati-activity>
 <iati-activity><title><narrative>Sans identifiant</narrative></title></iati-activity>
 <iati-activity><iati-identifier>XX-1</iati-identifier><title><narrative>Encore</narrative></title></iati-activity>
</iati-activities>
""".encode()


def test_each_activity_of_another_file_is_a_draft_or_is_told_with_its_line(secretary, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau", dac_code="14030")
    job = bring_in(secretary, FOREIGN, {"partenaire:fonds de l eau": "+"})
    rows = {row.cells[0] or row.line: row for row in job.rows.all()}
    convention, action = Convention.objects.get(), Action.objects.get()
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
    aside = IatiActivity.objects.get(action=None)
    assert aside.identifier == "XX-1"
    for kept in ("<crs-add>", "gardé", 'vocabulary="2" code="140"', "Water"):
        assert kept in aside.elements, kept
    page = secretary.get(convention.get_absolute_url()).content.decode()
    assert "Gardé du fichier IATI (XX-1)" in page
    assert "&lt;crs-add&gt;" in page
    refused = {key: row for key, row in rows.items() if row.verdict == "refusee"}
    lines = FOREIGN.decode().splitlines()
    for row in job.rows.all():
        assert "<iati-activity" in lines[row.line - 1]
    assert all(row.trouble for row in refused.values())
    assert job.counts == {"ajout": 2, "refusee": 4}
    assert "XX-ailleurs" in refused["XX-2"].trouble


def test_an_import_of_activities_is_undone_whole(secretary, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau", dac_code="14030")
    before = Partner.objects.count()
    job = bring_in(secretary, FOREIGN, {"partenaire:fonds de l eau": "+"})
    secretary.post(f"/imports/{job.reference}/annuler/")
    job.refresh_from_db()
    assert job.state == "annule", job.notice
    for model in (Convention, Action, BudgetLine, IatiActivity):
        assert not model.objects.exists(), model
    assert Partner.objects.count() == before
    assert Theme.objects.get() == theme


def test_an_agent_brings_in_what_their_commune_signs(commune_agent_in, parakou):
    job = bring_in(commune_agent_in, FOREIGN, {"partenaire:fonds de l eau": "+"})
    assert job.counts["ajout"] == 2
    made = Partner.objects.get(name="Fonds de l’eau")
    assert (made.status, made.entered_by) == ("brouillon", parakou)


@pytest.fixture
def commune_agent_in(sign_in, parakou):
    return sign_in(Role.COMMUNE, partner=parakou)


def test_an_agent_of_elsewhere_brings_in_nothing(sign_in, parakou):
    job = bring_in(sign_in(Role.COMMUNE), FOREIGN, {"partenaire:fonds de l eau": "+"})
    assert not Convention.objects.exists()
    assert any("n’est pas parmi les parties" in row.trouble for row in job.rows.all())


def test_an_action_does_not_join_what_is_published(sign_in, parakou, orleans):
    make_convention([parakou, orleans], **published())
    convention = Convention.objects.get()
    IatiActivity.objects.create(convention=convention, identifier="XX-ailleurs")
    job = bring_in(sign_in(Role.COMMUNE, partner=parakou), FOREIGN)
    row = job.rows.get(cells__0="XX-2")
    assert (row.verdict, "soumise ou publiée" in row.trouble) == ("refusee", True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<iati-activities",
        b"<html/>",
        b'<iati-activities version="1.05"><iati-activity/></iati-activities>',
        b'<iati-activities version="2.03"/>',
        b'<!DOCTYPE x [<!ENTITY a "b">]><iati-activities version="2.03"><iati-activity/></iati-activities>',
        b"PK\x03\x04",
    ],
)
def test_what_is_no_activities_file_is_refused(secretary, content):
    file = SimpleUploadedFile("x.xml", content, "application/xml")
    page = secretary.post("/imports/nouveau/iati/", {"file": file, "reason": "Essai"})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert not Import.objects.exists()


def test_no_entity_is_opened(secretary, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("mot de passe")
    bomb = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>'.encode()
    content = bomb + FOREIGN.replace(b'<?xml version="1.0"?>\n', b"").replace(b"Boire.", b"&a;")
    file = SimpleUploadedFile("x.xml", content, "application/xml")
    page = secretary.post("/imports/nouveau/iati/", {"file": file, "reason": "Essai"})
    assert "mot de passe" not in page.content.decode()
    assert not Import.objects.exists()


def activities(*some):
    inner = "".join(some)
    return (
        f'<iati-activities version="2.03" xmlns:registre="{codes.REGISTRY}">{inner}</iati-activities>'
    ).encode()


def activity(identifier, inner="", title="Eau"):
    return (
        f"<iati-activity><iati-identifier>{identifier}</iati-identifier>"
        f"<title><narrative>{title}</narrative></title>{inner}</iati-activity>"
    )


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


def test_what_a_file_says_beyond_the_registry_s_fields_is_kept(secretary, parakou):
    theme = Theme.objects.create(name="Eau", slug="eau", dac_code="14030")
    job = bring_in(secretary, activities(RICH))
    assert job.counts == {"ajout": 1}, [row.errors for row in job.rows.all()]
    convention = Convention.objects.get()
    assert (convention.title, list(convention.themes.all())) == ("Eau", [theme])
    assert [odd.pk for odd in convention.odds.all()] == [6]
    amounts = BudgetLine.objects.order_by("amount").values_list("amount", "currency", "year")
    assert list(amounts) == [(10, "EUR", 2020), (12, "EUR", None)]
    kept = IatiActivity.objects.get().elements
    assert [text for text in SAID if text not in kept] == []


def test_what_others_add_to_a_file_of_the_registry_is_kept(secretary, parakou):
    added = (
        f'<registre:convention title="Eau" starts-on="2019"><!-- vu --><registre:neuf a="b"/>'
        f'<registre:partner slug="{parakou.slug}" name="Parakou"/>'
        f'<registre:party partner="{parakou.slug}"><registre:autre/></registre:party>'
        "</registre:convention><contact-info type='1'/><x:foo xmlns:x='urn:x'/>"
        "<transaction><transaction-type code='4'/></transaction>"
    )
    whole = activity("XX-7", added).replace("<iati-activity>", '<iati-activity nouveau="v">')
    job = bring_in(secretary, activities(whole))
    assert job.counts == {"ajout": 1}, [row.errors for row in job.rows.all()]
    kept = IatiActivity.objects.get().elements
    for text in ("contact-info", "urn:x", 'nouveau="v"', ":neuf", ":autre", 'code="4"'):
        assert text in kept, text


def test_two_names_of_one_partner_are_one_party(secretary, parakou):
    said = "".join(
        f'<participating-org role="2"><narrative>{name}</narrative></participating-org>'
        for name in ("Parakou", "Commune de Parakou")
    )
    job = bring_in(secretary, activities(activity("XX-1", said), activity("XX-2")))
    assert job.counts == {"ajout": 2}
    (party,) = Convention.objects.get(title="Eau", parties__isnull=False).parties.all()
    assert party.partner == parakou


def test_a_partner_is_known_by_its_official_code_whatever_its_name(secretary, orleans):
    PartnerCode.objects.create(partner=orleans, scheme="FR-SIREN", code="214502346")
    said = (
        '<participating-org role="1" ref="FR-INSEE-214502346"><narrative>Stadt O.</narrative>'
        "</participating-org>"
    )
    assert bring_in(secretary, activities(activity("XX-1", said))).counts == {"ajout": 1}
    assert Convention.objects.get().parties.get().partner == orleans


PARTY = '<registre:party partner="rien"/>'
AVENANT = '<registre:avenant number="{}" purpose="Prolonger"/>'


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (PARTY, "pas parmi les partenaires"),
        (AVENANT.format(1) + AVENANT.format("01"), "portent le numéro 1"),
        ('<registre:axis title="A" number="1" added-by="abc"/>', "pas un avenant"),
        (
            '<registre:budget-line amount="1" currency="EUR"><registre:axis title="A"/>'
            "</registre:budget-line>",
            "n’a pas sa place",
        ),
        ('<registre:measurement value="1"/>', "n’a pas sa place"),
        ('<registre:budget-line amount="1" currency="EUR" lines="x" funder="y"/>', "partenaires"),
        ('<registre:partner name="Sans identifiant"/>', "slug"),
        ('<registre:party role="signataire"/>', "quel partenaire"),
        (AVENANT.format(1) + AVENANT.format(" 1"), "portent le numéro 1"),
        (f'<registre:partner slug="n" name="N" codes="FR-SIREN:{"9" * 300}"/>', "60 caractères"),
    ],
)
def test_a_record_that_makes_no_sense_is_told_and_the_others_come_in(secretary, inner, told):
    broken = activity("XX-1", f'<registre:convention title="X">{inner}</registre:convention>')
    job = bring_in(secretary, activities(broken, activity("XX-2")))
    assert job.counts == {"refusee": 1, "ajout": 1}
    assert told in job.rows.get(verdict="refusee").trouble


def test_an_action_naming_an_unknown_place_is_told(secretary):
    own = '<registre:action title="X" places="ailleurs"/><related-activity type="1" ref="XX-1"/>'
    job = bring_in(secretary, activities(activity("XX-1"), activity("XX-2", own)))
    assert job.counts == {"refusee": 1, "ajout": 1}
    assert "« ailleurs »" in job.rows.get(verdict="refusee").trouble


def test_what_is_part_of_a_part_comes_after_it_whatever_the_order(secretary):
    def within(parent):
        return f'<related-activity type="1" ref="{parent}"/>'

    deep = [activity("N-3", within("N-2")), activity("N-2", within("N-1")), activity("N-1")]
    job = bring_in(secretary, activities(*deep))
    assert job.counts == {"ajout": 3}, [row.errors for row in job.rows.all()]
    assert Action.objects.filter(convention=Convention.objects.get()).count() == 2


def test_a_part_of_what_is_refused_is_told_where_that_stands(secretary):
    part = activity("N-2", '<related-activity type="1" ref="N-1"/>')
    job = bring_in(secretary, activities(part, "\n\n", activity("N-1", title="")))
    assert job.counts == {"refusee": 2}
    row = job.rows.get(cells__0="N-2")
    assert (row.line, "de la ligne 3" in row.trouble) == (1, True)


def test_what_is_left_out_comes_back_as_a_file_to_mend(secretary):
    wrong = activity("N--1", "<x:a xmlns:x='urn:x'/>", title="")
    job = bring_in(secretary, activities(activity("XX-1"), wrong))
    page = secretary.get(f"/imports/{job.reference}/").content.decode()
    address = f"/imports/{job.reference}/a-corriger.xml"
    assert (address in page, "a-corriger.csv" in page) == (True, False)
    back = secretary.get(address).getvalue()
    assert "Ligne 1 : intitulé" in back.decode()
    mended = back.replace(b"<narrative/>", b"<narrative>Un titre</narrative>")
    assert bring_in(secretary, mended).counts == {"ajout": 1}
    assert secretary.get(f"/imports/{job.reference}/a-corriger.csv").status_code == 404


def test_an_identifier_too_long_to_be_known_again_is_told(secretary):
    job = bring_in(secretary, activities(activity("X" * 201), activity("X" * 200)))
    assert job.counts == {"refusee": 1, "ajout": 1}


def test_each_line_of_the_registry_is_read():
    assert MODELS.keys() == LINES


@pytest.mark.parametrize("own", ["CONV-2032-0001-A1/x", "CONV-2032-0001-Abis", "X", ""])
def test_a_reference_that_no_address_can_have_is_given_anew(secretary, own):
    convention = activity("C", '<registre:convention title="C" reference="CONV-2032-0001"/>')
    action = activity(
        "A", f'<registre:action title="A" reference="{own}"/><related-activity type="1" ref="C"/>'
    )
    assert bring_in(secretary, activities(convention, action)).counts == {"ajout": 2}
    assert Action.objects.get().reference == "CONV-2032-0001-A1"
    assert secretary.get("/actions/").status_code == 200
    digits = '<registre:convention title="D" reference="CONV-2031-٠٠٠٩"/>'
    assert bring_in(secretary, activities(activity("D", digits))).counts == {"ajout": 1}
    assert Convention.objects.get(title="D").reference.isascii()


def test_a_long_chain_is_ordered_at_once():
    before = {f"X{n}": f"X{n + 1}" for n in range(50_000)}
    ranks = ranked(before)
    assert (ranks["X0"], ranks["X49999"]) == (50_000, 1)
    assert sorted(ranked({"A": "B", "B": "A", "C": "A"}).values()) == [1, 2, 3]


def test_what_stands_between_and_within_texts_is_read_and_kept(secretary):
    title = "Eau <b>potable</b> <!-- vu --> pour tous"
    line = '<budget><period-start iso-date="2020-01-01"/><period-end iso-date="2020-12-31"/>'
    line += '<value currency="EUR">10<!-- et -->00</value></budget>'
    second = "<title><narrative>Deuxième</narrative></title>"
    content = activities(activity("XX-1", line + second, title=title), "perdu", activity("XX-2"))
    assert bring_in(secretary, content).counts == {"ajout": 2}
    kept = IatiActivity.objects.get(identifier="XX-1")
    assert kept.convention.title.split() == ["Eau", "potable", "pour", "tous"]
    assert BudgetLine.objects.get().amount == 1000
    assert "<b>potable</b>" in kept.elements
    assert "Deuxième" in kept.elements


def test_an_attribute_that_the_registry_does_not_know_is_kept(secretary):
    own = (
        '<registre:convention title="X" inconnu="a" predecessor="CONV-1990-0001">'
        '<registre:axis title="A" number="1" autre="b"/></registre:convention>'
    )
    assert bring_in(secretary, activities(activity("XX-1", own))).counts == {"ajout": 1}
    kept = IatiActivity.objects.get().elements
    for text in ('inconnu="a"', 'autre="b"', 'predecessor="CONV-1990-0001"'):
        assert text in kept, text


@pytest.mark.parametrize("axis", ["abc", "5"])
def test_an_axis_that_is_not_there_is_told(secretary, axis):
    whole = (
        '<registre:convention title="X"><registre:axis title="A" number="1"/></registre:convention>'
    )
    part = f'<registre:action title="Y" axis="{axis}"/><related-activity type="1" ref="XX-1"/>'
    good = part.replace(f'"{axis}"', '"1"')
    some = [activity("XX-1", whole), activity("XX-2", part), activity("XX-3", good)]
    job = bring_in(secretary, activities(*some))
    assert job.counts == {"ajout": 2, "refusee": 1}
    assert "pas un axe" in job.rows.get(verdict="refusee").trouble
    assert Action.objects.get().axis.number == 1


def test_two_organisations_of_one_name_stay_two(secretary, parakou, orleans):
    PartnerCode.objects.create(partner=parakou, scheme="IATI", code="BJ-1")
    PartnerCode.objects.create(partner=orleans, scheme="IATI", code="FR-2")

    def named(role, ref):
        return f'<participating-org role="{role}" {ref}><narrative>Mairie</narrative></participating-org>'

    both = named(1, 'ref="BJ-1"') + named(2, 'ref="FR-2"')
    assert bring_in(secretary, activities(activity("XX-1", both))).counts == {"ajout": 1}
    roles = {party.partner: party.role for party in Convention.objects.get().parties.all()}
    assert roles == {parakou: "bailleur", orleans: "chef-de-file"}
    one = named(1, 'ref="FR-2"') + named(3, "")
    assert bring_in(secretary, activities(activity("XX-2", one))).counts == {"ajout": 1}
