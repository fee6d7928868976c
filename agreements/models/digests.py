"""Which weekly messages were sent."""

from django.db import models


class Digest(models.Model):
    """A weekly digest that was sent: one row a week, so that it is sent once."""

    week = models.CharField("semaine", max_length=8, unique=True)
    sent_at = models.DateTimeField("envoyé le", auto_now_add=True)

    class Meta:
        verbose_name = "récapitulatif"
        ordering = ["-week"]

    def __str__(self):
        return self.week
