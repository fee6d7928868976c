import re

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions.iati.building import MODELS
from actions.iati.own_files import LINES
from actions.models import IatiActivity
from agreements.models import Convention
from cooperation.models import Odd, Partner, PartnerCode, Theme
from cooperation.values.text import is_blank
from tests.actions.iati.readers import activities, activity, amounts, bring_in, read
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


def steady(content):
    """Without the moments at which files and records were made."""
    return re.sub(rb'(generated|last-updated)-datetime="[^"]*"', b"", content)


def publish_all(user):
    for partner in Partner.objects.order_by("pk"):
        partner.publish(user)
    for convention in Convention.objects.order_by("pk"):
        convention.publish(user)


dates = st.sampled_from([None, "1960", "2019", "2019-11", "2019-11-14", "2031"])


texts = (
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: not is_blank(text))
)


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
def test_a_file_of_the_registry_comes_back_identical(secretariat, client, data):
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
        secretariat.force_login(secretariat.user)
        job = bring_in(secretariat, sent)
        assert job.counts == {"ajout": job.total}, [row.errors for row in job.rows.all()]
        publish_all(secretariat.user)
        secretariat.logout()
        assert steady(read(client)).decode() == steady(sent).decode()
        transaction.set_rollback(True)


def test_the_first_content_comes_back_identical(client, content, secretariat):
    secretariat.logout()
    sent = read(client)
    secretariat.force_login(secretariat.user)
    job = bring_in(secretariat, sent)
    # All of it is there already: nothing is entered twice.
    assert job.counts == {"inchangee": job.total}


def test_what_others_add_to_a_file_of_the_registry_is_kept(secretariat, parakou):
    added = (
        f'<registre:convention title="Eau" starts-on="2019"><!-- vu --><registre:neuf a="b"/>'
        f'<registre:partner slug="{parakou.slug}" name="Parakou"/>'
        f'<registre:party partner="{parakou.slug}"><registre:autre/></registre:party>'
        "</registre:convention><contact-info type='1'/><x:foo xmlns:x='urn:x'/>"
        "<transaction><transaction-type code='4'/></transaction>"
    )
    whole = activity("XX-7", added).replace("<iati-activity>", '<iati-activity nouveau="v">')
    job = bring_in(secretariat, activities(whole))
    assert job.counts == {"ajout": 1}, [row.errors for row in job.rows.all()]
    kept = IatiActivity.objects.get().elements
    for text in ("contact-info", "urn:x", 'nouveau="v"', ":neuf", ":autre", 'code="4"'):
        assert text in kept, text


def test_each_line_of_the_registry_is_read():
    assert MODELS.keys() == LINES
