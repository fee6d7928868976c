"""Official codes as their lists write them; ValueError, in French, for what is none."""

import re


def siren(text: str) -> str:
    """Nine digits, the last of which checks the others; a spreadsheet drops the zeros before."""
    digits = re.sub(r"\s", "", text).zfill(9)
    doubled = [
        int(d) * (2 if place % 2 else 1)
        for place, d in enumerate(reversed(digits))
        if d.isascii() and d.isdecimal()
    ]
    key = sum(number - 9 if number > 9 else number for number in doubled) % 10
    if not re.fullmatch(r"\d{9}", digits, re.ASCII) or key:
        raise ValueError(f"« {text[:40]} » n’est pas un numéro SIREN.")
    return digits


def other_code(text: str) -> str:
    """A code of a list that we do not keep, after the name of that list: « NIS 31022 », « AGS 10041 »."""
    words = text.split()
    if len(words) < 2 or not re.fullmatch(r"[A-Z][A-Z0-9.-]{1,19}", words[0].upper(), re.ASCII):
        raise ValueError(
            f"« {text[:40]} » : écrivez le nom de la liste, une espace, puis le code : NIS 31022."
        )
    return f"{words[0].upper()} {''.join(words[1:])}"


LEVELS = {"d": "DEP", "r": "REG"}


def cog(text: str) -> str:
    """The INSEE's code of a commune ("45234"), or of a département or région with its level ("DEP-45").

    « 01 » alone is two authorities, Ain and Guadeloupe: which one is not guessed.
    """
    code = re.sub(r"[\s.-]", "", text).upper()
    if re.fullmatch(r"\d{4}", code, re.ASCII):
        code = code.zfill(5)
    if re.fullmatch(r"\d[\dAB]\d{3}", code, re.ASCII):
        return code
    level = re.fullmatch(r"(D|R)(?:[EÉ]P(?:ARTEMENT)?|[EÉ]G(?:ION)?)?(\d[\dAB]\d?)", code)
    if level:
        return f"{LEVELS[level[1].lower()]}-{level[2]}"
    if re.fullmatch(r"\d[\dAB]?\d?", code, re.ASCII):
        raise ValueError(
            f"« {text} » est le code d’un département et d’une région : écrivez « DEP-{code} » ou "
            f"« REG-{code} »."
        )
    raise ValueError(f"« {text[:40]} » n’est pas un code officiel géographique.")
