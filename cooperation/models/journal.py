"""How often the registry has changed, and which records."""

from django.db import connection, models
from django.utils import timezone


class Revision(models.Model):
    """How often the registry has changed: a single row that moves with every change."""

    number = models.PositiveBigIntegerField(default=0)
    # Of this change and no other: a number that was rolled back comes again, a token does not.
    token = models.CharField(max_length=16, default="")

    class Meta:
        verbose_name = "révision"

    def __str__(self):
        return str(self.number)

    @classmethod
    def current(cls) -> int:
        return cls.mark()[0]

    @classmethod
    def mark(cls) -> tuple:
        """(number, token) of the last change: while they stay, nothing has changed."""
        # Each page asks several times: a text of its own saves making the query anew.
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT number, token FROM {cls._meta.db_table} WHERE id = 1")  # noqa: S608
            return cursor.fetchone() or (0, "")


class JournalEntry(models.Model):
    """The journal of changes: which record a revision is about, so that an index can follow."""

    revision = models.PositiveBigIntegerField("révision", db_index=True)
    token = models.CharField("jeton", max_length=16)
    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    kind = models.CharField("modèle", max_length=30)
    key = models.BigIntegerField("clé", null=True)

    class Meta:
        verbose_name = "fiche touchée"
        db_table = "cooperation_touched"
        ordering = ["revision", "pk"]

    def __str__(self):
        return f"{self.kind} {self.key}"
