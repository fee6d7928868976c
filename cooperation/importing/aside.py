"""What lists said of a record and the registry has no field for: kept with the rows that brought it."""

from cooperation.models import Import, ImportRow


def kept_aside(*references) -> list[ImportRow]:
    """Rows with such texts (`aside`) of the imports that wrote a record, by the names it has had.

    For those who may change it: lists tell of people whom the public does not see.
    """
    written = ImportRow.objects.filter(target__in=references, job__state=Import.State.WRITTEN)
    rows = written.select_related("job").defer("cells", "changes", "written")
    return [row for row in rows.order_by("job", "position") if row.aside]
