"""What the secretariat still has to say."""

from django.conf import settings
from django.core.checks import Info, Tags, register

from actions.iati.codes import STAND_IN


@register(Tags.compatibility, deploy=True)
def iati_organisation_is_known(**kwargs) -> list[Info]:
    if settings.IATI_ORGANISATION == STAND_IN:
        message = "IATI files carry a stand-in for the identifier of the CNCD."
        hint = "Register the CNCD with IATI, then set IATI_ORGANISATION to its identifier."
        return [Info(message, hint=hint, id="actions.I001")]
    return []
