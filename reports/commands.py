"""What the commands that write reports have in common."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from reports.facts.inventory import refused_filters
from reports.formats import FORMATS, write_report
from reports.pdf.rendering import PdfUnavailableError, RenderingError
from reports.publishing import PublicationError


class ReportCommand(BaseCommand):
    """Writes a report of published conventions to a file; the format is that of its name.

    `build(data, **options)` counts it, `write_pdf(report, file)` and `sheets(report)` show it.
    """

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help=f"where to write: .{', .'.join(FORMATS)}")
        parser.add_argument(
            "--filters", default="", help="as in the address of the page: theme=eau&country=FR"
        )
        parser.add_argument("--from", dest="first", default="", help="first year of the period")
        parser.add_argument("--to", dest="last", default="", help="last year of the period")

    def handle(self, *, file, filters, **options) -> None:
        extension = file.suffix.removeprefix(".").lower()
        if extension not in FORMATS:
            known = ", ".join(FORMATS)
            raise CommandError(f"Format inconnu : « {file.suffix} ». Choisissez parmi : {known}.")
        data = QueryDict(filters)
        trouble = refused_filters(data)
        if trouble:
            raise CommandError(" ".join(trouble))
        try:
            report = self.build(data, **options)
            with file.open("wb") as opened:
                write_report(
                    extension,
                    opened,
                    pdf=lambda file: self.write_pdf(report, file),
                    sheets=lambda: self.sheets(report),
                )
        except (PdfUnavailableError, RenderingError, PublicationError) as error:
            file.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file} : {error.strerror}") from error
        self.stdout.write(f"{file} : {report.count} conventions, {file.stat().st_size} octets")

    def asked(self, form) -> dict:
        """The cleaned data of a form, or CommandError with all that is wrong."""
        if not form.is_valid():
            raise CommandError(" ".join(m for errors in form.errors.values() for m in errors))
        return form.cleaned_data
