"""The order of an import's rows apart from where they stand in the file."""

from django.db import migrations, models


def order(apps, schema_editor):
    rows = apps.get_model("cooperation", "ImportRow").objects
    rows.update(position=models.F("line"))
    # An activity of an IATI file stood under a line of its own making, and its own was a cell.
    for row in rows.filter(job__kind="iati").iterator(chunk_size=100):
        line, *row.cells = row.cells
        row.line = int(line)
        row.save(update_fields=["line", "cells"])


class Migration(migrations.Migration):
    dependencies = [("cooperation", "0005_tokens")]

    operations = [
        migrations.AlterModelOptions(
            name="importrow",
            options={"ordering": ["job", "position"], "verbose_name": "ligne d’import"},
        ),
        migrations.AddField(
            model_name="importrow",
            name="position",
            field=models.PositiveIntegerField(default=0, verbose_name="rang"),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="importrow", name="importrow_unique_line"),
        migrations.RunPython(order, migrations.RunPython.noop),
    ]
