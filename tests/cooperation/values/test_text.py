import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.values.text import (
    clean_text,
    fold,
    forbidden_characters,
    is_blank,
    marked,
    search_words,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Orléans", "orleans"),
        ("ADJA-OUÈRÈ", "adja ouere"),
        ("N’Dali", "n dali"),
        ("N'Dali", "n dali"),
        ("Cœur  d’œuvre", "coeur d oeuvre"),
        ("Straße", "strasse"),
        ("Tɔ̀xɔ́ ɖò Ɖɛ̀kpé", "toxo do dekpe"),
        ("Ƒo Ŋutɔ", "fo nuto"),
        ("Nʼdali", "n dali"),
        ("assai\u00adnis\u200bsement\ufeff", "assainissement"),
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


@pytest.mark.parametrize("typed", ["%", "_", "*", "\u200b", "« - »", "?!"])
def test_signs_alone_find_nothing(typed):
    """« % » gave everything, as though it had been found."""
    words = search_words(typed)
    assert words and not any(word in fold(f"100 % {typed} _ * tout") for word in words)


def test_no_word_asks_for_nothing():
    assert search_words("  ") == []


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b\u2060", "\u3164", "\u2800", "\u00ad\ufeff \u202e"]
)
def test_a_text_of_invisible_characters_is_blank(text):
    assert is_blank(text)
    assert not is_blank(f"{text}é")


def test_a_word_cut_by_invisible_characters_is_marked_whole():
    assert marked("l’assai\u00adnissement", ["assainissement"]).count("<mark>") == 1
    assert marked("Tɔ̀xɔ́", ["toxo"]) == "<mark>Tɔ̀xɔ́</mark>"
