import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.values.text import clean_text, fold, forbidden_characters


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Orléans", "orleans"),
        ("ADJA-OUÈRÈ", "adja ouere"),
        ("N’Dali", "n dali"),
        ("N'Dali", "n dali"),
        ("Cœur  d’œuvre", "coeur d oeuvre"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_folding_leaves_plain_words(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_clean_text_holds_nothing_forbidden_and_stays_clean(text):
    cleaned = clean_text(text)
    assert forbidden_characters(cleaned) == []
    assert clean_text(cleaned) == cleaned
    cleaned.encode()


def test_what_breaks_spreadsheets_is_named():
    assert forbidden_characters("a\ufffeb\x00\x1b") == ["U+0000", "U+001B", "U+FFFE"]
    assert forbidden_characters("deux\r\nlignes\tet ’ « » ⸱ emoji 🙂") == []


def test_letters_have_one_spelling():
    assert clean_text("Orle\u0301ans") == "Orléans"
