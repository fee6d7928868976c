"""Inventory and bilan in spreadsheets: the same tables in every format."""

from collections.abc import Iterator
from itertools import chain

from django.utils import timezone
from odfdo import Document, Row, Table

from cooperation.lists.tables import csv_lines, new_workbook, write_cell
from cooperation.values.money import PARITY_TEXT, Nature

ODS = "application/vnd.oasis.opendocument.spreadsheet"
NATURES = [*Nature.choices, ("", "nature non précisée")]
FIRST_HEADINGS = ["Référence", "Intitulé", "Parties", "Début", "Fin après avenants", "Actions"]


def inventory_sheets(inventory, tell=lambda done: None) -> list[tuple]:
    """[(title, rows)]: the same in every format, read as they are written; headings come first.

    `tell` hears how many conventions are written, and may raise to stop the work.
    """
    currencies = [total.currency for total in inventory.sums.totals]
    paid_in = [total.currency for total in inventory.sums.paid]
    money = [
        *(f"Prévu {code}, {label}" for code in currencies for _, label in NATURES),
        *(f"Prévu {code}, ensemble" for code in currencies),
        *(f"Payé {code}" for code in paid_in),
    ]

    def amounts(record):
        planned = {total.currency: total for total in record.totals}
        paid = {total.currency: total.amount for total in record.paid}
        for code in currencies:
            for nature, _ in NATURES:
                yield planned[code].parts.get(nature) if code in planned else None
        for code in currencies:
            yield planned[code].amount if code in planned else None
        for code in paid_in:
            yield paid.get(code)

    by = [f"Groupe : {inventory.by.label}"] if inventory.by else []

    def rows():
        yield [*by, *FIRST_HEADINGS, *money]
        done = 0
        for group in inventory.groups:
            for entry in inventory.entries(group.keys):
                done += 1
                tell(done)
                yield [
                    *([group.label] if by else []),
                    entry.reference,
                    entry.title,
                    " ; ".join(entry.parties),
                    entry.begin,
                    entry.term,
                    len(entry.actions),
                    *amounts(entry),
                ]

    sums = [["Groupe", "Conventions", "Actions", *money]]
    if by:
        sums += [
            [group.label, group.count, group.sums.actions, *amounts(group.sums)]
            for group in inventory.groups
        ]
    whole = ["Ensemble, chaque convention une fois", inventory.count, inventory.sums.actions]
    sums.append([*whole, *amounts(inventory.sums)])
    combined = inventory.combined
    about = [
        ["Inventaire", "Conventions publiées et leurs actions"],
        ["Périmètre", " ; ".join(inventory.scope) or "toutes les conventions publiées"],
        ["Arrêté au", inventory.day.isoformat()],
        ["Extrait le", timezone.localtime().strftime("%d/%m/%Y %H:%M")],
        ["Ensemble converti en EUR", combined.euros],
        ["Ensemble converti en XOF", combined.francs],
        ["Taux", " ; ".join([PARITY_TEXT, *map(str, combined.rates)])],
        ["Sans taux, à part", " ; ".join(total.label for total in combined.apart) or "rien"],
    ]
    return [("Inventaire", rows()), ("Totaux", sums), ("À propos", about)]


def bilan_sheets(facts) -> list[tuple]:
    """The tables of a bilan, then its conventions line by line."""
    currencies = sorted({total.currency for total in [*facts.planned, *facts.paid]})

    def amounts(row):
        for sums in (row.planned, row.paid):
            known = {total.currency: total.amount for total in sums}
            yield from (known.get(code) for code in currencies)

    money = [f"{what} {code}" for what in ("Prévu", "Payé") for code in currencies]
    figures = [["Chiffre", "Période", "Période précédente", "Ce qu’il compte"]]
    figures += [
        [figure.label, figure.count, figure.before, figure.definition] for figure in facts.figures
    ]
    if currencies:
        figures += [["Ensemble", *money], ["", *amounts(facts)]]
    tables = [
        (
            table.title,
            [
                [table.title, "Conventions", "Actions", *money],
                *(
                    [row.label, len(row.references), row.actions, *amounts(row)]
                    for row in table.rows
                ),
            ],
        )
        for table in facts.tables
    ]
    about = [
        ["Bilan", facts.period],
        ["Périmètre", " ; ".join(facts.scope) or "toutes les conventions publiées"],
        ["Termes au", facts.day.isoformat()],
        ["États des actions et montants, tels que tenus le", facts.made_on.isoformat()],
        ["Prévu", "pour toute la durée des conventions"],
        ["Payé", "dans la période"],
    ]
    return [
        ("Chiffres clés", figures),
        *tables,
        ("Actions par état", [["État", "Actions"], *map(list, facts.states)]),
        ("Dossier légal", [["Étape", "Conventions"], *map(list, facts.legal)]),
        ("Provenance", [["Provenance", "Conventions"], *map(list, facts.provenances)]),
        *([("PONADEC", ponadec_rows(facts.ponadec))] if facts.ponadec else []),
        ("Conventions", bilan_rows(facts)),
        ("À propos", about),
    ]


def ponadec_rows(indicators) -> Iterator:
    """A line for each indicator and year of which something is told."""
    yield [
        "Indicateur",
        "Officiel d’après",
        "Année",
        "Valeur",
        "Unité",
        "Source de la valeur",
        "Comptés",
        "Parmi",
        "À part",
        "Cible",
        "Source de la cible",
    ]
    for one in indicators:
        for value in [*one.values, *one.ahead]:
            if value.number is not None or value.target is not None or value.apart:
                head = [one.name, one.official_source, value.year, value.number, value.unit]
                parts = value.parts or (None, None)
                yield [*head, value.source, *parts, value.apart, value.target, value.target_source]


BILAN_HEADINGS = ["Référence", "Intitulé", "Parties", "Début", "Fin", "Actions", "Nature"]
BILAN_HEADINGS += ["Monnaie", "Prévu", "Payé"]


def bilan_rows(facts) -> Iterator:
    """Its conventions, a line for each nature and currency of their amounts."""
    yield BILAN_HEADINGS
    natures = dict(NATURES)
    for entry in facts.entries:
        head = [entry.reference, entry.title, " ; ".join(entry.parties), entry.begin, entry.term]
        head.append(len(entry.actions))
        amounts = {}
        for place, sums in enumerate((entry.totals, entry.paid)):
            for total in sums:
                for nature, amount in total.parts.items():
                    amounts.setdefault((nature, total.currency), [None, None])[place] = amount
        for (nature, currency), pair in amounts.items() or [(("", ""), [None, None])]:
            yield [*head, natures[nature] if currency else None, currency, *pair]


def write_csv(tables, file) -> None:
    """The tables one under the other, an empty line between them."""
    (_, first), *others = tables
    rows = chain(first, *(chain([[]], rows) for _, rows in others))
    for line in csv_lines(rows):
        file.write(line.encode())


def write_xlsx(tables, file) -> None:
    with new_workbook(file) as workbook:
        head = workbook.add_format(
            {"bold": True, "bg_color": "#e2f1ea", "border": 1, "text_wrap": True}
        )
        for title, rows in tables:
            sheet = workbook.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 2, 28)
            sheet.set_column(3, 60, 16)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    is_heading = number == 0 and title != "À propos"
                    write_cell(sheet, number, column, value, head if is_heading else None)


def write_ods(tables, file) -> None:
    document = Document("spreadsheet")
    document.body.clear()
    for title, rows in tables:
        table = Table(title)
        for values in rows:
            row = Row()
            row.set_values([cell if cell is not None else "" for cell in values])
            table.append_row(row)
        document.body.append(table)
    document.save(file)
