"""Text as people type it: cleaned once, and folded for search."""

from unicodedata import category, combining, normalize

# Control, surrogate and private characters; the rest of Unicode may be written.
FORBIDDEN = {"Cc", "Cs", "Co"}
ALLOWED_CONTROLS = "\n\t"


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


def fold(text: str) -> str:
    """Without accents, capitals or hyphens, so that « orleans » finds « Orléans »."""
    lower = normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
    letters = normalize("NFKD", lower)
    plain = "".join(char if char.isalnum() else " " for char in letters if not combining(char))
    return " ".join(plain.split())
