"""What the machine must offer."""

from django.core.checks import Tags, Warning, register

from reports.pdf.rendering import PdfUnavailableError, load_weasyprint


@register(Tags.compatibility)
def pdf_can_be_made(**kwargs) -> list[Warning]:
    try:
        load_weasyprint()
    except PdfUnavailableError as error:
        return [Warning(str(error), id="reports.W001")]
    return []
