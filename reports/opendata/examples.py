"""Five ways to begin with the data: what the page shows is what the tests run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A program, or for a spreadsheet an address, with what it does in one French sentence."""

    slug: str
    title: str
    about: str
    text: str


CURL = """\
curl --compressed '{site}/api/v1/conventions/?country=FR&fields=reference,title,begin,term'
"""

PYTHON = """\
import json
from urllib.request import urlopen

address = "{site}/api/v1/conventions/?cursor=*&page_size=500"
conventions = []
while address:
    with urlopen(address) as answer:
        page = json.load(answer)
    conventions += page["results"]
    address = page["next"]

for convention in conventions:
    for total in convention["totals"]:
        print(convention["reference"], total["amount"], total["currency"])
"""

R = """\
library(jsonlite)

address <- "{site}/api/v1/actions/?cursor=*&page_size=500&fields=reference,title,convention"
actions <- data.frame()
while (!is.null(address)) {{
  page <- fromJSON(address)
  actions <- rbind(actions, page$results)
  address <- page$`next`
}}
print(sort(table(actions$convention), decreasing = TRUE))
"""

SPREADSHEET = """\
{site}/conventions/export.csv
"""

MAP = """\
<!doctype html>
<meta charset="utf-8">
<title>Communes partenaires</title>
<svg id="map" viewBox="0.5 -12.5 3.6 6.7" width="400" role="img" aria-label="Communes partenaires"></svg>
<script>
const address = "{site}/api/v1/partners/?country=BJ&signing=oui&page_size=500";
fetch(address).then(answer => answer.json()).then(page => {{
  for (const commune of page.results.filter(one => one.latitude)) {{
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    dot.setAttribute("cx", commune.longitude);
    dot.setAttribute("cy", -commune.latitude);
    dot.setAttribute("r", 0.08);
    dot.innerHTML = "<title></title>";
    dot.firstChild.textContent = commune.name;
    document.getElementById("map").append(dot);
  }}
}});
</script>
"""


def examples(site: str) -> list[Example]:
    """With the address of this registry in each."""
    return [
        Example(
            "curl",
            "En ligne de commande (curl)",
            "Les conventions avec un partenaire français, leurs dates et rien d’autre.",
            CURL.format(site=site),
        ),
        Example(
            "python",
            "Python",
            "Toutes les conventions, page après page, avec leurs montants par monnaie.",
            PYTHON.format(site=site),
        ),
        Example(
            "r",
            "R",
            "Combien d’actions a chaque convention, la plus active d’abord.",
            R.format(site=site),
        ),
        Example(
            "tableur",
            "Tableur",
            "Dans Excel : Données, À partir du web ; dans LibreOffice : Feuille, Lier à des données "
            "externes. Donnez cette adresse : le tableau se met à jour quand vous le demandez.",
            SPREADSHEET.format(site=site),
        ),
        Example(
            "carte",
            "Carte",
            "Une page à enregistrer en .html et à ouvrir : un cercle par commune qui a signé.",
            MAP.format(site=site),
        ),
    ]
