"""Text as people type it: cleaned once, and folded for search."""

from unicodedata import category, combining, normalize

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Control, surrogate and private characters; the rest of Unicode may be written.
FORBIDDEN = {"Cc", "Cs", "Co"}
ALLOWED_CONTROLS = "\n\t"
# Letters without a decomposition, as people who lack the key type them: those of Fon, Ewe, Yoruba,
# Bariba and Dendi, of partners abroad, and the apostrophe that Unicode counts as a letter.
LETTERS = str.maketrans(
    dict(zip("ɖɗđɛəǝɔɵøƒŋɣɩıʊʋɓłħ", "dddeeeooofngiiuvblh", strict=True))
    | {"œ": "oe", "æ": "ae", "ð": "d", "þ": "th", "ʼ": " ", "ʻ": " ", "ꞌ": " "}
)
# Letters and signs that show nothing.
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
# Words that one search asks for, and characters that are read of it: nobody types more.
MOST_WORDS, MOST_SEARCHED = 12, 200


def is_forbidden(char: str) -> bool:
    """True for what breaks a spreadsheet or a page: controls, surrogates, non-characters."""
    non_character = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    return char not in ALLOWED_CONTROLS and (category(char) in FORBIDDEN or non_character)


def forbidden_characters(text: str) -> list[str]:
    """The characters that `clean_text` would drop, as code points: ["U+FFFE"]."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return sorted({f"U+{ord(char):04X}" for char in lines if is_forbidden(char)})


def clean_text(text: str) -> str:
    """One spelling for each letter (NFC), one kind of line end, nothing forbidden."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalize("NFC", "".join(char for char in lines if not is_forbidden(char)))


def is_blank(text: str) -> bool:
    """True where nothing of it can be seen: spaces, marks of format, fillers."""
    return all(category(char)[0] in "ZCM" or char in FILLERS for char in text)


def fold(text: str) -> str:
    """Without accents, capitals or hyphens, so that « orleans » finds « Orléans »."""
    return " ".join(plain(text).split())


def of(name: str) -> str:
    """« d’Orléans », « de Parakou », and « de Ouessè »: the first sound of that is no vowel."""
    word = fold(name)
    is_w = word[:2] == "ou" and word[2:3] in set("aeiouy")
    return f"d’{name}" if word[:1] in set("aeiou") and not is_w else f"de {name}"


def plain(text: str) -> str:
    """The letters that search compares, a space for each sign; what cannot be seen adds nothing."""
    lower = normalize("NFKD", text).casefold().translate(LETTERS)
    return "".join(
        char if char.isalnum() else " "
        for char in normalize("NFKD", lower)
        if not combining(char) and category(char) != "Cf"
    )


# Words that people write between those that they look for.
BETWEEN = frozenset(
    [
        "a",
        "au",
        "aux",
        "avec",
        "ce",
        "ces",
        "dans",
        "d",
        "de",
        "des",
        "du",
        "elle",
        "en",
        "entre",
        "est",
        "et",
        "il",
        "l",
        "la",
        "le",
        "les",
        "leur",
        "on",
        "ou",
        "par",
        "pour",
        "qu",
        "que",
        "qui",
        "quel",
        "quelle",
        "quelles",
        "quels",
        "s",
        "se",
        "ses",
        "son",
        "sa",
        "sur",
        "un",
        "une",
    ]
)


def search_words(text: str) -> list[str]:
    """The folded words of what was typed into a search box, each once, twelve at most.

    « de », « la » and their like ask for nothing, but alone. Signs alone ask for what no folded text
    holds: « % » finds nothing rather than everything.
    """
    words = list(dict.fromkeys(fold(text[:MOST_SEARCHED]).split()))
    words = [word for word in words if word not in BETWEEN] or words or ["%"] * bool(text.strip())
    return words[:MOST_WORDS]


def marked(text, words) -> SafeString:
    """HTML: the text, escaped, with each of the folded words in <mark>."""
    spans = found_at(text, words)
    pieces, last = [], 0
    for start, end in spans:
        pieces += [("{}", text[last:start]), ("<mark>{}</mark>", text[start:end])]
        last = end
    pieces.append(("{}", text[last:]))
    return format_html_join("", "{}", ((format_html(shape, part),) for shape, part in pieces))


def found_at(text, words) -> list[tuple]:
    """[(start, end), …] of the words in the text, apart and in order."""
    letters, places = [], []
    for place, char in enumerate(text):
        for letter in plain(char):
            letters.append(letter)
            places.append(place)
    folded, spans = "".join(letters), []
    places.append(len(text))
    for word in words:
        at = folded.find(word)
        while at >= 0:
            end = at + len(word)
            # What adds no letter, such as an accent of its own, goes with the letter before it.
            spans.append((places[at], max(places[end - 1] + 1, places[end])))
            at = folded.find(word, end)
    apart = []
    for start, end in sorted(spans):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def excerpt(text, words, width=160) -> SafeString:
    """About `width` characters around the first of the words, marked."""
    spans = found_at(text, words)
    start = max(0, spans[0][0] - width // 3) if spans else 0
    start = text.rfind(" ", 0, start) + 1
    end = text.find(" ", start + width)
    end = len(text) if end < 0 else end
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return format_html("{}{}{}", before, marked(text[start:end], words), after)
