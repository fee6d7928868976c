"""Countries in French, and the twelve départements of Benin."""

from functools import cache

from babel import Locale
from django.db import models

from cooperation.values.text import fold

BENIN = "BJ"
COMMUNES_OF_BENIN = 77

# Two-letter codes that Unicode keeps for what is not a country.
NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


class Departement(models.TextChoices):
    ALIBORI = "alibori", "Alibori"
    ATACORA = "atacora", "Atacora"
    ATLANTIQUE = "atlantique", "Atlantique"
    BORGOU = "borgou", "Borgou"
    COLLINES = "collines", "Collines"
    COUFFO = "couffo", "Couffo"
    DONGA = "donga", "Donga"
    LITTORAL = "littoral", "Littoral"
    MONO = "mono", "Mono"
    OUEME = "oueme", "Ouémé"
    PLATEAU = "plateau", "Plateau"
    ZOU = "zou", "Zou"


@cache
def country_names() -> dict:
    """{"BJ": "Bénin", …}: ISO 3166-1 alpha-2, in French."""
    names = Locale("fr").territories
    return {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
    }


@cache
def country_choices() -> list[tuple]:
    """Benin first, then in the order of French names."""
    names = country_names()
    others = sorted(names.keys() - {BENIN}, key=lambda code: fold(names[code]))
    return [(code, names[code]) for code in [BENIN, *others]]
