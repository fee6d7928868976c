"""The journal counts every change, in any program that opens the registry."""

from tests.programs import shell

COUNT = """
from cooperation.models import JournalEntry, Revision, Theme
before = Revision.current()
Theme.objects.create(name="Eau", slug="eau")
print(Revision.current() - before, JournalEntry.objects.filter(kind="theme").count())
"""


def test_a_change_is_counted_where_nothing_else_loads_the_journal(apart):
    """Pages kept for visitors, indexes and copies would all go on telling what was before."""
    assert shell(apart, COUNT) == "1 1"


AMONG = """
from cooperation.models import Theme
print(list(Theme.objects.filter(pk__among=[])))
"""


def test_a_set_of_keys_is_a_lookup_wherever_models_are(apart):
    """Registered as the app is loaded, not by who happens to be imported first."""
    assert shell(apart, AMONG) == "[]"
