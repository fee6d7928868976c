"""Lines of a record, such as its parties: which one of a file is which one of the registry."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError


@dataclass(frozen=True)
class Lines:
    """Lines of a record, such as its parties.

    Two are the same line if `identity` is; the other `fields` are then brought up to date.
    """

    group: str
    model: type
    identity: tuple[str, ...]
    fields: tuple[str, ...]
    # What a line cannot be without.
    required: tuple[str, ...]
    label: str
    # What no two lines of a record have in common.
    unique: tuple[str, ...] = ()
    # How many numbered columns the template shows.
    shown: int = 1
    # The field that names its record, where that is not the one it is part of.
    of: str = ""

    @property
    def owner(self) -> str:
        return self.of or self.model.part_of


def refuse_twice(wanted, kind) -> None:
    seen = set()
    for line in wanted if kind.unique else ():
        key = tuple(str(line.get(name, "")) for name in kind.unique)
        if key in seen:
            raise ValidationError(f"{kind.label.capitalize()} est là deux fois. Gardez-en une.")
        seen.add(key)


def join(line, facts) -> None:
    """Add what a cell tells to a line; ValidationError where another cell says otherwise."""
    for name, value in facts.items():
        if line.setdefault(name, value) != value:
            raise ValidationError(f"Cette ligne dit à la fois « {line[name]} » et « {value} ».")


def check_line(line, changed, kind) -> None:
    """ValidationError where the model refuses what a line would hold."""
    named = {name for name, value in changed.items() if isinstance(value, dict)}
    for name, value in changed.items():
        if name not in named:
            setattr(line, line._meta.get_field(name).attname, value)
    derived = {field.name for field in line._meta.fields if not field.editable}
    line.clean_fields(exclude={kind.model.part_of, kind.owner, *derived, *named})
    line.clean()


def equal(held, name, value) -> bool:
    return getattr(held, held._meta.get_field(name).attname) == value


def same(held, line, names) -> bool:
    """Whether a held line is the wanted one, as far as the named fields tell; empty is a value too."""
    return all(
        equal(held, name, line[name])
        if name in line
        else getattr(held, held._meta.get_field(name).attname) in (None, "")
        for name in names
    )
