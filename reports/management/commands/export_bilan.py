from django.utils import timezone

from reports.commands import ReportCommand
from reports.facts.bilan import BilanFacts
from reports.forms import PeriodForm
from reports.pdf.printing import period_title, write_bilan
from reports.publishing import settled
from reports.spreadsheets import bilan_sheets


class Command(ReportCommand):
    help = (
        "Write the bilan of a period (last year unless told) to a file: PDF, XLSX, ODS or CSV by "
        "its name. Planned amounts are those of the whole duration of the conventions, paid amounts "
        "those of the period, each in its original currency. A draft: publishing is for people."
    )

    def build(self, data, *, first, last, **options) -> BilanFacts:
        first = first or last or str(timezone.localdate().year - 1)
        asked = self.asked(PeriodForm({"first_year": first, "last_year": last or first}))
        return settled(asked["first_year"], asked["last_year"], data)

    def write_pdf(self, report, file) -> int:
        return write_bilan(report, file, title=period_title(report.period))

    def sheets(self, report) -> list[tuple]:
        return bilan_sheets(report)
