"""What changed in a record between two of its versions, for people to read."""

DERIVED = ["version", "updated_at", "search_text"]


def changes_since(record, version):
    """[("intitulé", old, new), …] from the recorded version to the present one, and the last author.

    Returns ([], None) where the history does not hold that version.
    """
    if not hasattr(record, "history"):
        return [], None
    before = record.history.filter(version=version).first()
    now = record.history.first()
    if before is None or now is None:
        return [], None
    delta = now.diff_against(before, excluded_fields=DERIVED, foreign_keys_are_objs=True)
    names = {field.name: field for field in record._meta.get_fields()}
    changes = [
        (names[change.field].verbose_name, as_text(change.old), as_text(change.new))
        for change in delta.changes
    ]
    return changes, now.history_user


def as_text(value):
    if isinstance(value, list):
        return ", ".join(str(item) for row in value for item in list(row.values())[1:]) or "vide"
    return "vide" if value in (None, "") else str(value)
