"""States of what is done, that more than one app asks about."""

from django.db import models


class ActionState(models.TextChoices):
    """How far an action is. Empty where the source does not say."""

    PLANNED = "prevue", "prévue"
    UNDER_WAY = "en-cours", "en cours"
    DONE = "achevee", "achevée"
    SUSPENDED = "suspendue", "suspendue"
    ABANDONED = "abandonnee", "abandonnée"

    @property
    def tone(self) -> str:
        """How pages draw it: the class of its colour and shape."""
        return TONES[self]


TONES = {
    ActionState.PLANNED: "plan",
    ActionState.UNDER_WAY: "go",
    ActionState.DONE: "over",
    ActionState.SUSPENDED: "doubt",
    ActionState.ABANDONED: "stop",
}
