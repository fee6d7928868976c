from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from reports.forms import InventoryForm
from reports.inventory import build_inventory, refused_filters
from reports.pdf import PdfUnavailableError, render_pdf
from reports.spreadsheets import SPREADSHEETS


class Command(BaseCommand):
    help = (
        "Write the inventory of published conventions to a file: PDF, XLSX, ODS or CSV by its name. "
        "Amounts stay in their original currency; groups and period are those of the page."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="inventaire.pdf, .xlsx, .ods or .csv")
        parser.add_argument(
            "--filters", default="", help="as in the address of the page: theme=eau&country=FR"
        )
        parser.add_argument(
            "--by", default="", help="country, departement, commune, theme or partner"
        )
        parser.add_argument("--from", dest="first", help="first year of the period")
        parser.add_argument("--to", dest="last", help="last year of the period")

    def handle(self, *, file, filters, by, first, last, **options):
        extension = file.suffix.removeprefix(".").lower()
        if extension not in ("pdf", *SPREADSHEETS):
            raise CommandError(
                f"Format inconnu : « {file.suffix} ». Choisissez pdf, xlsx, ods ou csv."
            )
        form = InventoryForm({"par": by, "de": first or "", "a": last or ""})
        trouble = [message for messages in form.errors.values() for message in messages]
        trouble += refused_filters(QueryDict(filters))
        if trouble:
            raise CommandError(" ".join(trouble))
        asked = form.cleaned_data
        inventory = build_inventory(
            QueryDict(filters), by=asked["par"], first=asked["de"], last=asked["a"]
        )
        try:
            content = self.made(inventory, extension)
        except PdfUnavailableError as error:
            raise CommandError(str(error)) from error
        try:
            file.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{file} : {error.strerror}") from error
        self.stdout.write(f"{file} : {len(inventory.entries)} conventions, {len(content)} octets")

    def made(self, inventory, extension):
        if extension == "pdf":
            context = {"inventory": inventory, "made_on": timezone.localdate()}
            return render_pdf("reports/inventory_pdf.html", context)
        make, _ = SPREADSHEETS[extension]
        return make(inventory)
