"""The inventory in spreadsheets: a row a convention, then the totals of each group, then what it is."""

import io

from django.utils import timezone
from odfdo import Document, Row, Table

from cooperation.money import Nature
from cooperation.tables import CSV, XLSX, csv_lines, new_workbook, write_cell

ODS = "application/vnd.oasis.opendocument.spreadsheet"
NATURES = [*Nature.choices, ("", "nature non précisée")]
FIRST_HEADINGS = ["Référence", "Intitulé", "Parties", "Début", "Fin après avenants", "Actions"]


def sheets(inventory):
    """[(title, rows)]: the same in every format; the first row of each holds its headings."""
    currencies = [total.currency for total in inventory.totals]
    paid_in = [total.currency for total in inventory.paid]
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
    rows = [[*by, *FIRST_HEADINGS, *money]]
    for group in inventory.groups:
        for entry in group.entries:
            convention = entry.convention
            rows.append(
                [
                    *([group.label] if by else []),
                    convention.reference,
                    convention.title,
                    " ; ".join(str(party) for party in convention.parties.all()),
                    convention.begin,
                    convention.term,
                    len(entry.actions),
                    *amounts(entry),
                ]
            )
    sums = [["Groupe", "Conventions", "Actions", *money]]
    if by:
        sums += [
            [group.label, len(group.entries), group.action_count, *amounts(group)]
            for group in inventory.groups
        ]
    whole = ["Ensemble, chaque convention une fois", len(inventory.entries), inventory.action_count]
    sums.append([*whole, *amounts(inventory)])
    combined = inventory.combined
    about = [
        ["Inventaire", "Conventions publiées et leurs actions"],
        ["Périmètre", " ; ".join(inventory.scope) or "toutes les conventions publiées"],
        ["Arrêté au", inventory.day.isoformat()],
        ["Extrait le", timezone.localtime().strftime("%d/%m/%Y %H:%M")],
        ["Ensemble converti en EUR", combined.euros],
        ["Ensemble converti en XOF", combined.francs],
        ["Taux", " ; ".join(["1 EUR = 655,957 XOF", *map(str, combined.rates)])],
        ["Sans taux, à part", " ; ".join(total.label for total in combined.apart) or "rien"],
    ]
    return [("Inventaire", rows), ("Totaux", sums), ("À propos", about)]


def as_csv(inventory) -> bytes:
    """The three tables one under the other, an empty line between them."""
    (_, first), *others = sheets(inventory)
    rows = [*first, *(row for _, table in others for row in [[], *table])]
    return "".join(csv_lines(rows)).encode()


def as_xlsx(inventory) -> bytes:
    buffer = io.BytesIO()
    with new_workbook(buffer) as workbook:
        head = workbook.add_format(
            {"bold": True, "bg_color": "#e2f1ea", "border": 1, "text_wrap": True}
        )
        for title, rows in sheets(inventory):
            sheet = workbook.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 2, 28)
            sheet.set_column(3, len(rows[0]), 16)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    is_heading = number == 0 and title != "À propos"
                    write_cell(sheet, number, column, value, head if is_heading else None)
    return buffer.getvalue()


def as_ods(inventory) -> bytes:
    document = Document("spreadsheet")
    document.body.clear()
    for title, rows in sheets(inventory):
        table = Table(title)
        for values in rows:
            row = Row()
            row.set_values([value if value is not None else "" for value in values])
            table.append_row(row)
        document.body.append(table)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# By extension: how it is made, and its content type.
SPREADSHEETS = {"csv": (as_csv, CSV), "xlsx": (as_xlsx, XLSX), "ods": (as_ods, ODS)}
