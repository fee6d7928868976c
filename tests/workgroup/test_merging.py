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


def test_two_first_texts_are_both_there():
    assert merged("", "A", "B") == "B\nA"


def test_two_figures_for_one_are_both_there():
    text = merged("On verse 10 millions.", "On verse 12 millions.", "On verse 15 millions.")
    assert "12 millions" in text
    assert "15 millions" in text


def test_what_one_rewrites_and_the_other_takes_away_stays():
    base = "Un point. Deux points."
    assert "Deux longs points." in merged(base, "Un point. ", "Un point. Deux longs points.")
    assert "Deux longs points." in merged(base, "Un point. Deux longs points.", "Un point. ")


words = st.sampled_from(["eau", "école", "budget", "commune", "avenant", "fin."])
lines = st.lists(words, min_size=1, max_size=8).map(" ".join)
texts = st.lists(lines, min_size=1, max_size=6).map("\n".join)


@given(base=texts, mine=lines, theirs=lines)
def test_what_each_adds_at_the_end_is_never_lost(base, mine, theirs):
    text = merged(base, f"{base}\n<1> {mine}", f"{base}\n<2> {theirs}")
    assert f"<1> {mine}" in text
    assert f"<2> {theirs}" in text


def edited(base, edits, mark):
    """A text with words of its own put in, or in place of others: each is marked, and so known again."""
    tokens, own = base.split(" "), []
    for number, (place, replaces) in enumerate(edits):
        at = place % (len(tokens) + 1)
        own.append(f"{mark}{number}")
        tokens[at : at + replaces] = [own[-1]]
    return " ".join(tokens), own


edits = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), max_size=4)


@given(base=texts, first=edits, second=edits)
def test_no_word_that_either_typed_is_lost_wherever_it_stands(base, first, second):
    mine, own = edited(base, first, "moi")
    theirs, others = edited(base, second, "eux")
    text = merged(base, mine, theirs)
    kept = [word for word in own if word in mine] + [word for word in others if word in theirs]
    assert all(word in text for word in kept)
