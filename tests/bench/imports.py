"""How fast a list comes in, and in how much memory, by the number of its rows."""

import tempfile

import xlsxwriter

from tests.bench.measure import databases, figure, registry, table

SIZES = [100, 1_000, 10_000]
QUICK = [100, 1_000]
MOST_MEMORY = 300


def make_list(path, size):
    """An XLSX of that many conventions, each between a commune and one of fifty partners."""
    communes = ["Parakou", "Pobè", "Kétou", "Sakété", "Adja-Ouèrè", "Cotonou", "Djougou", "Kandi"]
    headings = ["Intitulé", "Nature", "Partie 1", "Rôle 1", "Partie 2", "Signée le", "Début", "Fin"]
    headings += ["Thèmes", "ODD", "Objectifs", "Montant 1", "Monnaie 1", "Montant 2", "Monnaie 2"]
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, headings)
        for n in range(size):
            year = 1995 + n % 30
            row = [
                f"Convention {n} pour l’eau et l’école",
                "jumelage",
                communes[n % 8],
                "signataire",
            ]
            row += [
                f"Ville {n % 50}",
                f"14/11/{year}",
                year,
                year + 3,
                "Eau et assainissement",
                "6",
            ]
            row += ["Planter, creuser, former. " * 8, 1000 + n, "EUR", "1 123 884", "FCFA"]
            sheet.write_row(n + 1, 0, row)


def run(sizes):
    rows = []
    for name, database in databases().items():
        for size in sizes:
            with registry(database) as program, tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
                make_list(file.name, size)
                took = program("tests.bench.import_once", file.name)
            rates = [round(size / took[step]) for step in ("receive", "read", "write", "again")]
            rows.append([name, size, *rates, took["peak"]])
            facts = {"size": size, "database": name, "unit": "MB"}
            figure("import-memory", value=took["peak"], goal=MOST_MEMORY, **facts)
    print("rows per CPU second, and peak memory in MB")
    table(["database", "rows", "receive", "preview", "write", "same again", "MB"], rows)
