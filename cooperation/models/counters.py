"""References given in a row: "CONV-2026-0013" after "CONV-2026-0012"; and names in addresses."""

import re
from itertools import chain, count

from django.db import models, transaction
from django.db.models.functions import Length
from django.utils.text import slugify

# Wider than this a number comes from elsewhere: ours do not go on from it.
MOST_DIGITS = 6


class ReferenceCounter(models.Model):
    """The last number given under a prefix. Its row is locked first: two people get two numbers.

    What was given is not given again, even where the record that bore it is gone.
    """

    prefix = models.CharField("préfixe", max_length=40, unique=True)
    last = models.PositiveIntegerField("dernier numéro donné")

    class Meta:
        verbose_name = "compteur de références"
        ordering = ["prefix"]

    def __str__(self):
        return f"{self.prefix}{self.last}"

    @classmethod
    def next_references(cls, records, prefix, count=1, width=4) -> list[str]:
        """`count` references that no record of the QuerySet bears, numbered with `width` digits or more.

        Until the transaction ends, nobody else is given one under this prefix.
        """
        with transaction.atomic():
            counter, _ = cls.objects.select_for_update().get_or_create(
                prefix=prefix, defaults={"last": last_number(records, prefix)}
            )
            found = []
            while len(found) < count:
                numbers = range(counter.last + 1, counter.last + 1 + count - len(found))
                block = [f"{prefix}{number:0{width}}" for number in numbers]
                taken = set(records.filter(reference__in=block).values_list("reference", flat=True))
                found += [reference for reference in block if reference not in taken]
                counter.last = numbers[-1]
            counter.save(update_fields=["last"])
        return found


def last_number(records, prefix) -> int:
    """The largest number that the records bear under a prefix that has no counter yet."""
    ours = records.filter(
        reference__regex=rf"^{re.escape(prefix)}[0-9]{{1,{MOST_DIGITS}}}$"
    ).order_by(Length("reference").desc(), "-reference")
    last = ours.values_list("reference", flat=True).first()
    return int(last.removeprefix(prefix)) if last else 0


def free_slug(records, name, otherwise, promised=()) -> str:
    """A name as an address; where a record has it, or it is promised, with a number behind.

    `otherwise` stands for a name of which an address keeps nothing.
    """
    stem = slugify(name)[:70] or otherwise
    taken = {*records.filter(slug__startswith=stem).values_list("slug", flat=True), *promised}
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(slug for slug in chain([stem], numbered) if slug not in taken)
