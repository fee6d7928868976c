"""What each role may do: one table, read by the admin, the pages and the API."""

from django.db import models


class Role(models.TextChoices):
    COMMUNE = "commune", "agent communal"
    MEMBER = "membre", "membre du sous-groupe GTD"
    STATE = "tutelle", "ministère ou préfecture"
    SECRETARIAT = "secretariat", "secrétariat"


# Roles that enter data, and so open the entry pages (the admin).
ENTRY_ROLES = {Role.COMMUNE, Role.SECRETARIAT}


def is_secretariat(user) -> bool:
    """Whether a person acts for the secretariat: all rows, whoever entered them."""
    return user.is_authenticated and (user.is_superuser or user.role == Role.SECRETARIAT)


def reads_as_member(user) -> bool:
    """Whether a person reads what the members of every group read, without sitting there."""
    return is_secretariat(user) or (user.is_authenticated and user.role == Role.STATE)


def enters_for(user) -> models.Model | None:
    """The partner for whom a communal agent enters data; None for everybody else."""
    is_agent = user.is_authenticated and user.role == Role.COMMUNE and not user.is_superuser
    return user.partner if is_agent else None


def enters_data(user) -> bool:
    """Whether a person opens the entry pages."""
    return user.is_superuser or user.role in ENTRY_ROLES


# The permission to change what is published without an avenant.
CORRECT = "agreements.correct_convention"

REGISTRY = [
    "cooperation.partner",
    "cooperation.document",
    "agreements.convention",
    "agreements.avenant",
    "actions.action",
    "actions.budgetline",
    "actions.indicator",
    "actions.goodpractice",
]
# Entered inside the form of the record they belong to.
PARTS = [
    "cooperation.partnercode",
    "cooperation.membership",
    "cooperation.contact",
    "agreements.party",
    "agreements.legalstep",
    "agreements.signature",
    "agreements.situation",
    "agreements.meeting",
    "agreements.exchange",
    "agreements.citedsource",
    "agreements.othervalue",
    "agreements.focalpoint",
    "actions.axis",
    "actions.disbursement",
    "actions.instalment",
    "actions.measurement",
]
# Lists that everybody chooses from and the secretariat keeps.
REFERENCE = ["cooperation.theme", "cooperation.arrondissement", "cooperation.exchangerate"]


# The work of the sub-group: rows are narrowed to the groups where a person sits, by their seat.
GROUP = [
    "workgroup.groupmeeting",
    "workgroup.agendapoint",
    "workgroup.pointnotes",
    "workgroup.minutes",
    "workgroup.correction",
    "workgroup.commitment",
    "workgroup.draft",
    "workgroup.draftversion",
    "workgroup.draftsection",
    "workgroup.draftcomment",
    "workgroup.shareddocument",
]


def grant(verbs, models) -> set[str]:
    """grant("view add", ["a.x"]) -> {"a.view_x", "a.add_x"}"""
    pairs = [label.split(".") for label in models]
    return {f"{app}.{verb}_{model}" for app, model in pairs for verb in verbs.split()}


SITTING = (
    grant("view add change delete", GROUP)
    | grant("view", ["workgroup.workinggroup", "workgroup.mandate"])
    | grant("convene", ["workgroup.groupmeeting"])
    | grant("adopt", ["workgroup.minutes"])
    | grant("close", ["workgroup.commitment"])
    | grant("share", ["workgroup.draft"])
    | grant("answer satisfy withdraw", ["workgroup.correction", "workgroup.draftcomment"])
)

PERMISSIONS = {
    # Rows are narrowed further by `editable_by()`: a commune edits its own, and what is
    # published loses no line (records.py).
    Role.COMMUNE: grant("view add change delete", REGISTRY + PARTS)
    | grant("view", REFERENCE)
    | grant("submit", ["agreements.convention"])
    | SITTING,
    Role.MEMBER: grant("view", REGISTRY + PARTS + REFERENCE + ["reports.bilan"]) | SITTING,
    Role.STATE: grant("view", REGISTRY + PARTS + REFERENCE + ["reports.bilan"])
    | grant("supervise", ["agreements.convention"])
    | SITTING,
    Role.SECRETARIAT: grant("view add change delete", REGISTRY + PARTS + REFERENCE)
    | grant("submit publish correct", ["agreements.convention"])
    | grant("view add change delete", ["agreements.delegation"])
    | grant("publish", ["cooperation.partner"])
    | grant("view add change publish", ["reports.bilan"])
    | grant("view add change", ["cooperation.user"])
    | grant("add change delete", ["workgroup.workinggroup", "workgroup.mandate"])
    | grant("view add change", ["workgroup.ponadecindicator", "workgroup.ponadecyear"])
    | SITTING,
}
