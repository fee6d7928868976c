from reports.accords import SHEETS
from reports.commands import ReportCommand
from reports.facts.inventory import Inventory, build_inventory
from reports.forms import InventoryForm
from reports.pdf.printing import write_inventory


class Command(ReportCommand):
    help = (
        "Write the inventory of published conventions to a file: PDF, XLSX, ODS or CSV by its name. "
        "Amounts stay in their original currency; groups and period are those of the page."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--by", default="", help="country, departement, commune, theme or partner"
        )
        parser.add_argument(
            "--layout", default="", help="accords: the three sheets of the workbook of accords"
        )

    def build(self, data, *, by, first, last, layout, **options) -> Inventory:
        given = {"par": by, "de": first, "a": last, "disposition": layout}
        asked = self.asked(InventoryForm(given))
        self.tables = SHEETS[asked["disposition"]]
        return build_inventory(data, by=asked["par"], first=asked["de"], last=asked["a"])

    def write_pdf(self, report, file) -> int:
        return write_inventory(report, file)

    def sheets(self, report) -> list[tuple]:
        return self.tables(report)
