"""Two texts begun from the same one become one text, in which each finds all that they wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workgroup.merging import merged

BASE = "Le secrétariat ouvre la séance.\n\nLe budget est présenté.\n\nLa séance est levée."


@pytest.mark.parametrize(
    "mine, theirs, expected",
    [
        (BASE, BASE, BASE),
        (BASE + "\nFin.", BASE, BASE + "\nFin."),
        (BASE, BASE + "\nFin.", BASE + "\nFin."),
        (
            BASE.replace("ouvre", "ouvre à 10 h"),
            BASE.replace("levée", "levée à midi"),
            BASE.replace("ouvre", "ouvre à 10 h").replace("levée", "levée à midi"),
        ),
    ],
)
def test_changes_in_different_places_are_both_there(mine, theirs, expected):
    assert merged(BASE, mine, theirs) == expected


def test_line_ends_of_browsers_are_no_change():
    assert merged(BASE.replace("\n", "\r\n"), BASE + "\nFin.", BASE) == BASE + "\nFin."


words = st.sampled_from(["eau", "école", "budget", "commune", "avenant"])
lines = st.lists(words, min_size=1, max_size=8).map(" ".join)


@given(base=st.lists(lines, max_size=6).map("\n".join), mine=lines, theirs=lines)
def test_what_each_adds_at_the_end_is_never_lost(base, mine, theirs):
    text = merged(base, f"{base}\n<1> {mine}", f"{base}\n<2> {theirs}")
    assert f"<1> {mine}" in text
    assert f"<2> {theirs}" in text
