from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.models import Avenant, Convention, LegalStep
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_avenant,
    make_convention,
    make_document,
    make_partner,
    make_user,
)
from tests.refusals import refused
from tests.search import conventions_found


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
    assert "La fin précède le début" in refused(convention)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_convention(starts_on="2019-05", ends_on="2019-04")
    make_convention(starts_on="2019-05", ends_on="2019")
    make_convention(starts_on="2019", ends_on="2019-05")


def test_conventions_do_not_follow_one_another_in_a_circle():
    first = make_convention()
    second = make_convention(predecessor=first)
    first.predecessor = second
    assert "en rond" in refused(first, "predecessor")
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
    assert convention.legal_gaps == [
        ("transmission à la tutelle", "non renseignée"),
        ("approbation de la tutelle", "non renseignée"),
    ]
