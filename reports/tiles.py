"""The 77 communes as tiles of one size, by département: each as easy to see and to touch as the next."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from cooperation.models import Partner
from cooperation.values.money import short_money
from cooperation.values.places import Departement

# Columns of each block, in the order in which the map reads: north to south, west to east.
BLOCKS = {
    Departement.ATACORA: 3,
    Departement.ALIBORI: 4,
    Departement.DONGA: 3,
    Departement.BORGOU: 4,
    Departement.COLLINES: 7,
    Departement.COUFFO: 2,
    Departement.ZOU: 3,
    Departement.PLATEAU: 2,
    Departement.MONO: 2,
    Departement.ATLANTIQUE: 3,
    Departement.OUEME: 2,
    Departement.LITTORAL: 5,
}


@dataclass(frozen=True)
class Scale:
    """What the tiles tell, and from how much on one is darker: four steps, each with its words."""

    steps: tuple[tuple[int, str], ...]
    # « 4 », « 1,2 M € »; then « 4 conventions ».
    brief: Callable
    said: Callable
    # Where there is none: on a tile, and in words.
    nothing: str
    none: str


def conventions(count) -> str:
    return f"{count} convention{'s' if count > 1 else ''}"


def euros(amount) -> str:
    return short_money(amount, "EUR")


NUMBERS = Scale(
    ((1, "1"), (2, "2 ou 3"), (4, "4 à 6"), (7, "7 et plus")),
    str,
    conventions,
    "0",
    "aucune convention",
)
AMOUNTS = Scale(
    (
        (1, "moins de 10 000 €"),
        (10_000, "moins de 100 000 €"),
        (100_000, "moins d’un million"),
        (1_000_000, "un million et plus"),
    ),
    euros,
    lambda amount: f"{euros(amount)} prévus",
    "–",
    "aucun montant connu",
)

# Where a narrow tile may break a name: « Tou-koun-tou-na », « Dan-gbo ».
VOWEL = "[aeiouyàâéèêëîïôùûü]"
ONSET = "(?:gb|kp|gn|ch|dj|[bcdfghjklmnpqrstvwxyz])"
SYLLABLE = re.compile(
    rf"(?<=[a-z]{VOWEL}|{VOWEL}[mnrls])(?={ONSET}{VOWEL})(?<!\b[^\W\d_])", re.IGNORECASE
)


@dataclass(frozen=True)
class Tile:
    """A commune: what it signed or hosts, and what only its groupings signed, as conventions or as euros."""

    name: str
    slug: str
    own: int | Decimal
    grouped: int | Decimal
    scale: Scale = NUMBERS

    @property
    def shade(self) -> int:
        """0 to 4."""
        return sum(self.own >= least for least, _ in self.scale.steps)

    @property
    def brief(self) -> str:
        """« 4 », « 1,2 M »: a tile has no room for the sign of the euro."""
        told = self.own or self.grouped
        return self.scale.brief(told).removesuffix("\u00a0€") if told else self.scale.nothing

    @property
    def broken(self) -> str:
        """Its name, with where it may be broken."""
        return SYLLABLE.sub("\u00ad", self.name)

    @property
    def told(self) -> str:
        """« Parakou : 4 conventions, et 2 par un groupement »."""
        own = self.scale.said(self.own) if self.own else self.scale.none
        if not self.grouped:
            return f"{self.name} : {own}"
        return f"{self.name} : {own}, et {self.scale.brief(self.grouped)} par un groupement"


@dataclass(frozen=True)
class Block:
    label: str
    columns: int
    tiles: list[Tile]
    departement: str = ""

    @property
    def is_tall(self) -> bool:
        """Whether the block of the next row stands beside it."""
        return len(self.tiles) > 4 * self.columns


def make_tiles(own, grouped, scale=NUMBERS) -> list[Block]:
    """The blocks of the map, from {slug of a commune: how many conventions, or euros}."""
    communes = defaultdict(list)
    for commune in Partner.objects.published().communes():
        communes[commune.departement].append(commune)
    blocks = []
    for departement, columns in BLOCKS.items():
        rows = in_rows(communes[departement], columns)
        tiles = [
            Tile(one.name, one.slug, own.get(one.slug, 0), grouped.get(one.slug, 0), scale)
            for row in rows
            for one in row
        ]
        if tiles:
            blocks.append(Block(departement.label, columns, tiles, departement))
    return blocks


def in_rows(communes, columns) -> list[list]:
    """From north to south, each row from west to east."""
    found = sorted(communes, key=lambda one: (-(one.latitude or 0), one.name))
    rows = [found[start : start + columns] for start in range(0, len(found), columns)]
    return [sorted(row, key=lambda one: (one.longitude or 0, one.name)) for row in rows]
