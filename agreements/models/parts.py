"""What all that belongs to a convention has in common."""

from django.db import models

from cooperation.records.gates import RecordQuerySet


class ConventionPartQuerySet(RecordQuerySet):
    """For what belongs to a convention: seen and changed by those who see and change it."""

    status_lookup = "convention__status"
    partner_lookup = "convention__parties__partner"
    delegate_lookup = "convention__delegations__user"

    def get_by_natural_key(self, uid) -> models.Model:
        return self.get(uid=uid)
