"""Languages of texts: ISO 639-1, and those of Benin that it does not have (ISO 639-3), as French names them."""

from functools import cache

from babel import Locale

FRENCH, OTHER = "fr", "autre"
# Those of most agreements, then those of Benin.
FIRST = [FRENCH, "en", "nl", "de", "it"]
OF_BENIN = {"fon": "fon", "yo": "yoruba", "bba": "baatonum (bariba)", "ddn": "dendi", "gej": "mina"}
# Withdrawn from the standard.
WITHDRAWN = {"sh"}


@cache
def language_choices() -> list[tuple[str, str]]:
    """[("fr", "français"), …]: the usual ones first, then the others by name."""
    names = {code: name for code, name in Locale("fr").languages.items() if len(code) == 2}
    names |= OF_BENIN
    first = [*FIRST, *OF_BENIN]
    others = sorted(names.keys() - WITHDRAWN - set(first), key=lambda code: names[code])
    return [*((code, names[code]) for code in [*first, *others]), (OTHER, "autre")]
