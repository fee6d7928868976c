from datetime import date
from importlib import import_module
from itertools import chain
from operator import attrgetter

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.duplicates import merge
from agreements.facets import CONVENTION_INDEX
from agreements.models import Avenant, Convention, LegalStep, State, by_signature
from cooperation.models import Document
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
    published,
)
from tests.search import conventions_found


def term_of(convention, day=None):
    return Convention.objects.with_term(day).get(pk=convention.pk).term


def test_an_avenant_moves_the_term_from_its_signature_on():
    convention = make_convention(starts_on="2006", ends_on="2009")
    make_avenant(convention, signed_on="2009-12-10", ends_on="2010")
    assert term_of(convention, date(2009, 12, 9)) == "2009"
    assert term_of(convention, date(2009, 12, 10)) == "2010"


def test_the_last_avenant_decides_even_if_it_shortens():
    convention = make_convention(starts_on="2006", ends_on="2009")
    make_avenant(convention, ends_on="2012")
    make_avenant(convention, ends_on="2010-06")
    make_avenant(convention, purpose="Budget seulement")
    assert term_of(convention) == "2010-06"


@pytest.mark.parametrize(
    ("signatures", "last"),
    [
        (["2015", "2014"], 1),
        (["2014", "2015"], 2),
        (["2019-11-14", "2019"], 2),
        (["2019", "2019-11-14"], 2),
        (["2019-11-14", "2019-11-14"], 2),
        (["2015", None], 2),
        ([None, "2015"], 2),
        (["2015", None, "2014"], 2),
        (["2015-03", "2014", "2015-03-02"], 3),
        (["2016", "2014", "2015"], 1),
        (["2015-02", "2015-01-31", None, "2014"], 3),
    ],
)
def test_the_term_is_that_of_the_avenant_signed_last(signatures, last):
    """Numbers are given by whoever files: the last signature is what binds the parties."""
    convention = make_convention(starts_on="2010", ends_on="2013", **published())
    for number, day in enumerate(signatures, 1):
        end = str(2020 + number)
        make_avenant(convention, number=number, signed_on=day, ends_on=end, **published())
    assert term_of(convention) == str(2020 + last)
    ordered = by_signature(convention.avenants.order_by("number"), attrgetter("signed_on"))
    assert ordered[-1].number == last
    facet = CONVENTION_INDEX.facets["year"]
    years = [int(year) for _, year in facet.values(Convention.objects.all())]
    assert max(years) == 2020 + last


@pytest.mark.parametrize(
    ("own", "signatures", "found"),
    [
        ("2013", ["2015", "2014"], True),
        ("2013", ["2014", "2015"], False),
        ("2013-05", ["2013"], False),
        ("2013-05", ["2013-04-30"], True),
        (None, ["2013", None, "2014"], False),
        ("2013", ["2014-02-01", "2014"], False),
    ],
)
def test_avenants_whose_dates_contradict_each_other_are_told_apart(own, signatures, found):
    convention = make_convention(signed_on=own, **published())
    for number, day in enumerate(signatures, 1):
        make_avenant(convention, number=number, signed_on=day)
    assert Avenant.objects.contradicting().exists() == found


def test_a_draft_avenant_moves_no_published_convention():
    convention = make_convention(starts_on="2006", ends_on="2009", **published())
    avenant = make_avenant(convention, ends_on="2010")
    assert term_of(convention) == "2009"
    avenant.publish(make_user(Role.SECRETARIAT))
    assert term_of(convention) == "2010"


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({"starts_on": "2019", "ends_on": "2021"}, State.IN_FORCE),
        ({"starts_on": "2019-06-16", "ends_on": "2021"}, State.IN_FORCE),
        ({"starts_on": "2020-06-15", "ends_on": "2020-06-15"}, State.IN_FORCE),
        ({"starts_on": "2019", "ends_on": "2020"}, State.IN_FORCE),
        ({"starts_on": "2019", "ends_on": "2020-06"}, State.IN_FORCE),
        ({"starts_on": "2019", "ends_on": "2020-05"}, State.ENDED),
        ({"starts_on": "2020-06-16", "ends_on": None}, State.UPCOMING),
        ({"starts_on": "2021", "ends_on": "2022"}, State.UPCOMING),
        ({"starts_on": "1995", "ends_on": None}, State.UNKNOWN),
        ({"starts_on": None, "ends_on": "2022"}, State.UNKNOWN),
        ({"starts_on": None, "ends_on": "2011"}, State.ENDED),
        ({"starts_on": None, "ends_on": None}, State.UNKNOWN),
        ({"starts_on": None, "ends_on": None, "signed_on": "2021"}, State.UPCOMING),
        ({"starts_on": None, "ends_on": "2021", "signed_on": "2019"}, State.IN_FORCE),
    ],
)
def test_the_state_on_a_day_is_the_same_in_python_and_in_the_database(dates, state):
    day = date(2020, 6, 15)
    convention = make_convention(**dates)
    found = [s for s in State if Convention.objects.in_state(s, day).exists()]
    assert found == [state]
    assert Convention.objects.with_term(day).get(pk=convention.pk).state_on(day) == state


def test_overlapping_a_year_follows_the_avenants_signed_by_its_end():
    convention = make_convention(starts_on="2006", ends_on="2009")
    years = [y for y in range(2004, 2013) if Convention.objects.overlapping(y).exists()]
    assert years == [2006, 2007, 2008, 2009]
    make_avenant(convention, ends_on="2010")
    years = [y for y in range(2004, 2013) if Convention.objects.overlapping(y).exists()]
    assert years == [2006, 2007, 2008, 2009, 2010]


def test_a_duration_in_months_gives_the_term():
    convention = make_convention(starts_on="2019-11", ends_on=None, duration_months=26)
    assert convention.ends_on == "2021-12"


def refused(record, field=None):
    with pytest.raises(ValidationError) as refusal:
        record.full_clean()
    messages = refusal.value.message_dict
    return messages[field] if field else list(chain(*messages.values()))


def test_a_duration_needs_a_month_to_start_from():
    convention = Convention(title="x", starts_on="2019", duration_months=26)
    assert "au mois près" in refused(convention, "duration_months")[0]


def test_a_duration_that_leads_too_far_is_refused():
    convention = Convention(title="x", starts_on="2099-11", duration_months=600)
    assert "avant 2101" in refused(convention, "duration_months")[0]


def test_undated_conventions_come_last_and_a_signature_counts():
    undated = make_convention(starts_on=None, ends_on=None)
    signed = make_convention(starts_on=None, ends_on=None, signed_on="2011")
    old, new = make_convention(starts_on="1995"), make_convention(starts_on="2019-07-26")
    assert list(Convention.objects.all()) == [new, signed, old, undated]


def test_a_line_without_number_takes_the_next(parakou):
    convention = make_convention()
    make_avenant(convention, number=4)
    avenant = Avenant(convention=convention, purpose="x")
    avenant.full_clean()
    avenant.save()
    assert avenant.number == 5


def test_an_end_before_the_start_is_refused_by_form_and_database():
    convention = Convention(title="x", starts_on="2019-05", ends_on="2019-04")
    assert "La fin précède le début" in refused(convention)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_convention(starts_on="2019-05", ends_on="2019-04")
    make_convention(starts_on="2019-05", ends_on="2019")
    make_convention(starts_on="2019", ends_on="2019-05")


@pytest.mark.parametrize("year", ["0", "99999", "1899", "2101", "deux mille"])
def test_an_absurd_date_is_never_stored(year):
    with pytest.raises(ValidationError):
        make_convention(starts_on=year)
    assert not Convention.objects.exists()


def test_an_avenant_cannot_end_before_its_convention_starts():
    convention = make_convention(starts_on="2019")
    avenant = Avenant(convention=convention, number=1, purpose="x", ends_on="2018")
    assert "précède le début de la convention" in refused(avenant, "ends_on")[0]


def test_two_avenants_of_one_number_are_refused():
    convention = make_convention()
    make_avenant(convention, number=1)
    again = Avenant(convention=convention, number=1, purpose="x")
    assert "déjà un avenant de ce numéro" in refused(again)[0]


def test_a_budget_change_needs_its_currency():
    avenant = Avenant(convention=make_convention(), number=1, purpose="x", budget_change="-5")
    assert "Choisissez la monnaie" in refused(avenant)[0]


def test_conventions_do_not_follow_one_another_in_a_circle():
    first = make_convention()
    second = make_convention(predecessor=first)
    first.predecessor = second
    assert "en rond" in refused(first, "predecessor")[0]
    first.predecessor = first
    assert refused(first)


def test_a_partnership_is_one_chain_whatever_the_convention_asked():
    first = make_convention(starts_on="2006", ends_on="2009")
    second = make_convention(starts_on="2011", ends_on="2013", predecessor=first)
    third = make_convention(starts_on="2014", ends_on="2016", predecessor=second)
    make_convention()
    everything = Convention.objects.with_term()
    for convention in (first, second, third):
        assert list(convention.partnership(everything)) == [first, second, third]


def test_references_follow_one_another_and_stay():
    year = date.today().year
    first, second = make_convention(), make_convention()
    assert first.reference == f"CONV-{year}-0001"
    assert second.reference == f"CONV-{year}-0002"
    first.title = "Autre"
    first.save()
    assert first.reference == f"CONV-{year}-0001"


def test_publishing_takes_everything_named_along(parakou):
    newcomer = make_partner(name="Nouveau", status=Status.DRAFT)
    document, paper = make_document(), make_document()
    convention = make_convention([parakou, newcomer])
    convention.documents.add(document)
    avenant = make_avenant(convention)
    LegalStep.objects.create(convention=convention, kind="deliberation", document=paper)
    convention.publish(make_user(Role.SECRETARIAT))
    for record in (newcomer, document, paper, avenant):
        record.refresh_from_db()
        assert record.is_published, record


def test_a_convention_with_one_party_is_not_published(parakou):
    convention = make_convention([parakou])
    with pytest.raises(ValidationError, match="deux parties"):
        convention.publish(make_user(Role.SECRETARIAT))
    convention.refresh_from_db()
    assert not convention.is_published


def test_an_avenant_waits_for_its_convention():
    avenant = make_avenant(make_convention())
    with pytest.raises(ValidationError, match="d’abord la convention"):
        avenant.publish(make_user(Role.SECRETARIAT))


def test_search_finds_words_in_any_order_without_accents(parakou, orleans):
    make_convention([orleans, parakou], title="Coopération et forêt communale")
    make_convention(title="Autre chose")
    for text in ("orleans", "parakou orleans", "ORLÉANS foret", "cooperation parakou", "Forêt"):
        assert conventions_found(text).count() == 1, text
    assert not conventions_found("orleans cergy").exists()
    assert conventions_found("").count() == 2


def test_search_finds_a_party_by_another_of_its_names():
    partner = make_partner(name="Le Grand Chalon", aliases="Chalon Val de Bourgogne")
    make_convention([partner])
    assert conventions_found("val de bourgogne").count() == 1


def test_what_the_legal_dossier_lacks():
    convention = make_convention()
    LegalStep.objects.create(convention=convention, kind=LegalStep.Kind.DELIBERATION)
    assert convention.missing_legal_steps == [
        "transmission à la tutelle",
        "approbation de la tutelle",
    ]


@pytest.fixture
def filed(parakou):
    """A published convention whose text, délibération and avenant are public; another without a file."""
    by = make_user(Role.SECRETARIAT)
    convention = make_convention([parakou, make_partner()])
    make_convention([parakou, make_partner()]).publish(by)
    text, paper, change = (make_document() for _ in range(3))
    convention.documents.add(text)
    convention.legal_steps.create(kind="deliberation", document=paper)
    make_avenant(convention).documents.add(change)
    convention.publish(by)
    return convention, by, [text, paper, change]


def statuses(documents):
    return [Document.objects.get(pk=document.pk).status for document in documents]


def test_a_withdrawal_takes_every_file_along(client, filed):
    """The délibération and the avenant of a withdrawn convention stayed for all to download."""
    convention, by, files = filed
    assert statuses(files) == [Status.PUBLISHED] * 3
    convention.move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    assert statuses(files) == [Status.WITHDRAWN] * 3
    assert [client.get(file.get_absolute_url()).status_code for file in files] == [404] * 3
    convention.move_to(Status.PUBLISHED, by=by, reason="Vérifiée")
    assert statuses(files) == [Status.PUBLISHED] * 3


def test_a_withdrawn_avenant_takes_its_files_along(filed):
    convention, by, files = filed
    convention.avenants.get().move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    assert statuses(files) == [Status.PUBLISHED, Status.PUBLISHED, Status.WITHDRAWN]


def test_a_file_that_is_taken_off_is_public_no_more(filed):
    convention, by, files = filed
    convention.documents.clear()
    step = convention.legal_steps.get()
    step.document = None
    step.save()
    convention.settle(by)
    assert statuses(files) == [Status.WITHDRAWN, Status.WITHDRAWN, Status.PUBLISHED]
    assert "n’est plus joint" in files[0].history.latest().history_change_reason.lower()
    convention.documents.add(files[0])
    convention.settle(by)
    assert statuses(files)[0] == Status.PUBLISHED


def test_a_merge_withdraws_the_files_that_nothing_published_takes_over(filed, parakou):
    convention, by, files = filed
    kept = make_convention([parakou, make_partner()], **published())
    merge(kept, convention, by=by, taken_fields=(), taken_groups=(), reason="Double")
    assert statuses(files) == [Status.PUBLISHED, Status.WITHDRAWN, Status.WITHDRAWN]


def test_files_that_an_older_registry_left_public_are_withdrawn_by_its_update(filed):
    convention, _, files = filed
    shared = make_document(**published())
    convention.documents.add(shared)
    make_convention(**published()).documents.add(shared)
    alone = make_document(**published())
    Convention.objects.filter(pk=convention.pk).update(status=Status.WITHDRAWN)
    migration = import_module("agreements.migrations.0004_files_of_nothing_published")
    migration.forwards(apps, None)
    assert statuses(files) == [Status.WITHDRAWN] * 3
    assert statuses([shared, alone]) == [Status.PUBLISHED] * 2
    event = Document.objects.get(pk=files[0].pk).history.latest()
    assert (event.status, event.history_type) == (Status.WITHDRAWN, "~")


def test_a_file_that_was_public_is_never_deleted(filed):
    convention, by, files = filed
    convention.documents.clear()
    convention.settle(by)
    with pytest.raises(ValidationError):
        Document.objects.get(pk=files[0].pk).delete()


def test_a_withdrawal_leaves_the_documents_of_other_published_conventions(parakou):
    """The text that two conventions share stays public as long as one of them is."""
    by = make_user(Role.SECRETARIAT)
    shared, own = make_document(), make_document()
    withdrawn, other = (make_convention([parakou, make_partner()]) for _ in range(2))
    withdrawn.documents.add(shared, own)
    other.documents.add(shared)
    for convention in (withdrawn, other):
        convention.publish(by)
    withdrawn.move_to(Status.WITHDRAWN, by=by, reason="Erreur")
    shared.refresh_from_db()
    own.refresh_from_db()
    assert (shared.status, own.status) == (Status.PUBLISHED, Status.WITHDRAWN)
