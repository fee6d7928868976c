import pytest
from django.db import transaction

from actions.facets import ACTION_INDEX
from agreements.facets import CONVENTION_INDEX
from agreements.models import Party
from cooperation.facets import PARTNER_INDEX
from cooperation.lists.index import Index
from cooperation.models import ExchangeRate, JournalEntry, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    make_user,
    published,
)
from tests.lists import Registry, asked, told


def test_the_index_follows_and_is_not_made_again(monkeypatch):
    for _ in range(3):
        make_convention(**published())
    assert asked().count == 3
    monkeypatch.setattr(CONVENTION_INDEX, "rebuild", lambda: pytest.fail("made again"))
    convention = make_convention(title="Forêts", **published())
    assert asked(q="foret").count == 1
    convention.title = "Puits"
    convention.save()
    assert (asked(q="foret").count, asked(q="puits").count) == (0, 1)


def test_what_is_rolled_back_never_shows():
    make_convention(**published())
    assert asked().count == 1
    try:
        with transaction.atomic():
            make_convention(**published())
            assert asked().count == 2
            raise ValueError
    except ValueError:
        pass
    make_partner()
    assert asked().count == 1


def test_a_journal_that_does_not_reach_back_is_not_trusted():
    make_convention(**published())
    assert asked().count == 1
    make_convention(**published())
    JournalEntry.objects.all().delete()
    assert asked().count == 2


def fresh(index):
    """The same index, made anew."""
    return Index(
        index.records,
        index.facets.values(),
        zones=index.zones,
        orders=index.orders,
        touched=index.touched,
        amounts=index.amounts,
        daily=index.daily,
    )


@pytest.mark.parametrize("seed", range(2))
def test_an_index_that_followed_says_what_a_new_one_says(seed):
    registry = Registry(seed)
    indexes = (CONVENTION_INDEX, ACTION_INDEX, PARTNER_INDEX)
    for index in indexes:
        told(index)
    for _ in range(25):
        registry.change()
        for index in indexes:
            assert told(index) == told(fresh(index))


def change_measurement(convention, action, partner):
    make_measurement(action.indicators.get(), 3)


def change_funder(convention, action, partner):
    partner.publish(make_user(Role.SECRETARIAT))


def change_document(convention, action, partner):
    document = make_document(title="Étude")
    convention.documents.add(document)
    document.publish(make_user(Role.SECRETARIAT))


def change_places(convention, action, partner):
    action.places.add(make_partner(name="Pobè"))


def change_name(convention, action, partner):
    partner.name = "Autre nom"
    partner.save()


def change_theme(convention, action, partner):
    theme = Theme.objects.create(name="Eau", slug="eau")
    convention.themes.add(theme)
    theme.name = "Eaux"
    theme.save()


def change_rate(convention, action, partner):
    make_budget_line(convention, amount="10", currency="CHF")
    ExchangeRate.objects.create(currency="CHF", day="2020-01-01", per_euro="0.9", source="BNS")


def change_status(convention, action, partner):
    convention.move_to(Status.WITHDRAWN, by=make_user(Role.SECRETARIAT), reason="Erreur")


def change_gone(convention, action, partner):
    draft = make_convention([partner])
    draft.delete()


CHANGES = [value for name, value in sorted(globals().items()) if name.startswith("change_")]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_each_kind_of_change_is_followed(change):
    partner = make_partner(name="Bailleur", status=Status.DRAFT)
    convention = make_convention(**published())
    action = make_action(convention)
    make_budget_line(convention, action=action, funder=partner)
    make_indicator(convention, action=action)
    for index in (CONVENTION_INDEX, ACTION_INDEX, PARTNER_INDEX):
        told(index)
    change(convention, action, partner)
    for index in (CONVENTION_INDEX, ACTION_INDEX, PARTNER_INDEX):
        assert told(index) == told(fresh(index))


def test_labels_are_those_of_the_moment_of_the_answer():
    partner = make_partner(country="TG")
    convention = make_convention([make_partner(), partner], **published())
    listing = asked()
    Party.objects.filter(convention=convention, partner=partner).take_back()
    asked()
    assert [box["name"] for box in listing.boxes()]
