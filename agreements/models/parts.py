"""What all that belongs to a convention has in common."""

from django.db import models
from django.db.models import F, Q

from cooperation.records.gates import RecordQuerySet


def dates_in_order(*, start, end, name, message) -> models.CheckConstraint:
    """end ≥ start as far as their precision tells: 2019-05 to 2019 is in order."""
    return models.CheckConstraint(
        condition=Q(**{f"{end}__gte": F(start)}) | Q(**{f"{start}__startswith": F(end)}),
        name=name,
        violation_error_message=message,
    )


class ConventionPartQuerySet(RecordQuerySet):
    """For what belongs to a convention: seen and changed by those who see and change it."""

    status_lookup = "convention__status"
    partner_lookup = "convention__parties__partner"
    delegate_lookup = "convention__delegations__user"

    def get_by_natural_key(self, uid) -> models.Model:
        return self.get(uid=uid)
