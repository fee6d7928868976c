"""What the lines of a convention name: found late, since conventions tell their lines."""

from agreements.api import AvenantRecordSerializer
from cooperation.rest.serializers import Link, serializer_at


def action_link() -> Link:
    return Link(
        "reference",
        expands_to=lambda: serializer_at("action-list"),
        allow_null=True,
        help_text="Référence de l’action ; null si la ligne vaut pour toute la convention.",
    )


def avenant_link(help_text) -> Link:
    return Link(
        "uid",
        expands_to=lambda: AvenantRecordSerializer,
        allow_null=True,
        help_text=help_text,
    )
