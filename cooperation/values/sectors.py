"""The sectors by which donors classify aid: purpose codes of the OECD's CAD (DAC), five digits.

Source: « Codes-secteurs OCDE CAD SNPC », codes in use, with their French names as IATI publishes
them (codelist Sector, 2.03).
"""

import csv
from functools import cache
from pathlib import Path

# What has no sector, or none that the secretariat has chosen yet.
UNSPECIFIED = "99810"


@cache
def sector_names() -> dict:
    """{"14050": "Traitement des déchets", …}"""
    with (Path(__file__).parent.parent / "data" / "dac.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file, delimiter=";")}


@cache
def sector_choices() -> list[tuple]:
    return [(code, f"{code} – {name}") for code, name in sector_names().items()]
