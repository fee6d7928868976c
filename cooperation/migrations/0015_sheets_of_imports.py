from django.db import migrations, models

import cooperation.models.imports


def one_sheet(apps, schema_editor):
    """Imports that were read before had one sheet, and no column that somebody had named."""
    Import = apps.get_model("cooperation", "Import")
    for job in Import.objects.iterator():
        filled = list(range(len(job.headings)))
        sheet = {"kind": job.kind, "name": "", "headings": job.headings, "filled": filled}
        job.sheets = [sheet]
        job.save(update_fields=["sheets"])


class Migration(migrations.Migration):
    dependencies = [("cooperation", "0014_other_lists")]

    operations = [
        migrations.AddField("import", "sheets", models.JSONField("feuilles", default=list)),
        migrations.AddField(
            "import", "mapping", models.JSONField("colonnes désignées", default=dict)
        ),
        migrations.AddField(
            "importrow", "sheet", models.PositiveSmallIntegerField("feuille", default=0)
        ),
        migrations.AddField("importrow", "turn", models.PositiveIntegerField("tour", default=0)),
        migrations.RunPython(one_sheet, migrations.RunPython.noop),
        migrations.RemoveField("import", "headings"),
        migrations.RemoveField("import", "unknown_headings"),
        migrations.AddIndex("importrow", models.Index(fields=["target"], name="importrow_target")),
    ]
