"""The 77 communes as tiles of one size, by département: each as easy to see and to touch as the next."""

from collections import defaultdict
from dataclasses import dataclass

from cooperation.models import Partner
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
# From how many conventions on a tile is darker.
SHADES = (1, 2, 4, 7)


@dataclass(frozen=True)
class Tile:
    """A commune: what it signed or hosts, and what only its groupings signed."""

    name: str
    slug: str
    own: int
    grouped: int

    @property
    def shade(self) -> int:
        """0 to 4."""
        return sum(self.own >= least for least in SHADES)

    @property
    def told(self) -> str:
        """« Parakou : 4 conventions, et 2 par un groupement »."""
        own = (
            f"{self.own} convention{'s' if self.own > 1 else ''}"
            if self.own
            else "aucune convention"
        )
        return f"{self.name} : {own}" + (
            f", et {self.grouped} par un groupement" if self.grouped else ""
        )


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


def make_tiles(own, grouped) -> list[Block]:
    """The blocks of the map, from {slug of a commune: how many conventions}."""
    communes = defaultdict(list)
    for commune in Partner.objects.published().communes():
        communes[commune.departement].append(commune)
    blocks = []
    for departement, columns in BLOCKS.items():
        rows = in_rows(communes[departement], columns)
        tiles = [
            Tile(one.name, one.slug, own.get(one.slug, 0), grouped.get(one.slug, 0))
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
