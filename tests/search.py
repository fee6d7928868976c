"""What a search finds, for tests that look a record up by its words."""

from actions.facets import ACTION_INDEX
from actions.models import Action
from agreements.facets import CONVENTION_INDEX
from agreements.models import Convention
from cooperation.facets import PARTNER_INDEX
from cooperation.models import Partner


def conventions_found(text):
    return CONVENTION_INDEX.found_in(Convention.objects.all(), text)


def actions_found(text):
    return ACTION_INDEX.found_in(Action.objects.all(), text)


def partners_found(text):
    return PARTNER_INDEX.found_in(Partner.objects.all(), text)
