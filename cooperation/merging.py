"""The same partner entered twice: made one of, with all that named either."""

from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import UniqueConstraint

from cooperation.entry.merging import SideBySideForm
from cooperation.models import Partner, PartnerCode
from cooperation.records.base import Record
from cooperation.records.gates import Status
from cooperation.records.recording import recorded_because

# What a merge asks about; the names of both are joined.
FIELDS = [name for name in Partner.entered_fields() if name != "aliases"]
FIELDS += ["commune", "successor"]


@transaction.atomic
def merge(kept, other, *, by, taken_fields, reason) -> None:
    """Make one partner of two; `kept` goes on, the address of `other` leads to it.

    All that names `other` names `kept` from now on: parties, money, places, codes, contacts, accounts,
    members. Fields named in `taken_fields` come from `other`, whose names become other names of `kept`.
    ValidationError where they are two, or where the result breaks a rule.
    """
    refuse_two(kept, other)
    why = f"Fusion de {other.slug} dans {kept.slug}. {reason}"
    for name in taken_fields:
        setattr(kept, name, getattr(other, name))
    if kept.successor_id in (kept.pk, other.pk):
        kept.successor = None
    kept.aliases = joined_names(kept, other)
    other.merged_into, other.status = kept, Status.MERGED
    other.save_because(why, by)
    kept.full_clean()
    kept.save_because(why, by)
    with recorded_because(why):
        for row, name in pointing(other):
            point(row, name, kept, by, why)
        for record, name in linking(other):
            record._change_reason = why
            getattr(record, name).add(kept)
            getattr(record, name).remove(other)
            # Who gives an amount does not give it with itself.
            if getattr(record, "funder_id", None) == kept.pk:
                getattr(record, name).remove(kept)


def refuse_two(kept, other) -> None:
    if kept == other or Status.MERGED in (kept.status, other.status):
        raise ValidationError("Ces deux fiches ne se fusionnent pas : l’une l’est déjà.")
    if other.is_published and not kept.is_published:
        raise ValidationError(f"« {other} » est publié : gardez-le plutôt.")
    for code in kept.codes.exclude(scheme=PartnerCode.Scheme.OTHER):
        if another := other.codes.filter(scheme=code.scheme).first():
            raise ValidationError(
                f"Ce sont deux partenaires : l’un a le code {code}, l’autre {another}."
            )


def joined_names(kept, other) -> str:
    names = [*kept.aliases.splitlines(), other.name, other.short_name, *other.aliases.splitlines()]
    own = {kept.name, kept.short_name, ""}
    return "\n".join(name for name in dict.fromkeys(names) if name not in own)


def relations() -> Iterator:
    """Relations that lead to a partner from fields that are written, of whatever room."""
    for relation in Partner._meta.related_objects:
        if not relation.many_to_many or relation.through._meta.auto_created:
            yield relation


def pointing(partner) -> Iterator[tuple]:
    """(row, name of its field) of all that point at a partner."""
    for relation in relations():
        if not relation.many_to_many:
            name = relation.field.name
            for row in relation.related_model._base_manager.filter(**{name: partner}):
                yield row, name


def linking(partner) -> Iterator[tuple]:
    """(record, name of its field) of all that name a partner among others."""
    for relation in relations():
        if relation.many_to_many:
            for record in getattr(partner, relation.get_accessor_name()).all():
                yield record, relation.field.name


def point(row, name, kept, by, why) -> None:
    """Let a row point at the partner that stays.

    One that then says what another does goes, and that one takes what it said more. ValidationError
    where the row may not name that partner.
    """
    if twin := twin_of(row, name, kept):
        more = [field for field in row.entered_fields() if not getattr(twin, field)]
        for field in more:
            setattr(twin, field, getattr(row, field))
        twin.save_because(why, by)
        row.delete()
        return
    setattr(row, name, kept if row != kept else None)
    try:
        with transaction.atomic():
            if isinstance(row, Record):
                row.save_because(why, by)
            else:
                row.save()
    except IntegrityError as error:
        told = f"{row._meta.verbose_name} « {row} »"
        raise ValidationError(
            f"{told} : « {kept} » n’y a pas sa place. Changez-la d’abord."
        ) from error


def twin_of(row, name, kept) -> Record | None:
    """The row that would be the same, but for what tells no two rows apart."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and name in constraint.fields:
            facts = {field: getattr(row, field) for field in constraint.fields} | {name: kept}
            return type(row)._base_manager.filter(**facts).exclude(pk=row.pk).first()
    return None


def followers(partner) -> list[tuple]:
    """[(what, how many)]: what would name the partner that stays."""
    counts = Counter()
    for relation in relations():
        named = relation.related_model._base_manager.filter(**{relation.field.name: partner})
        counts[relation.related_model._meta] += named.count()
    return [
        (str(meta.verbose_name_plural if count > 1 else meta.verbose_name), count)
        for meta, count in counts.items()
        if count
    ]


class PartnerMergeForm(SideBySideForm):
    names = FIELDS

    def save(self, by) -> None:
        """ValidationError where they are two, or where the result would break a rule."""
        merge(
            self.kept,
            self.other,
            by=by,
            taken_fields=self.taken_fields,
            reason=self.cleaned_data["reason"],
        )
