"""No two rows of an import have one place. Apart: PostgreSQL does not index what it is still changing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cooperation", "0006_order_of_import_rows")]

    operations = [
        migrations.RemoveIndex(model_name="importrow", name="cooperation_job_id_67f8dd_idx"),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                fields=["job", "verdict", "position"], name="cooperation_job_id_615c95_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(
                fields=("job", "position"), name="importrow_unique_position"
            ),
        ),
    ]
