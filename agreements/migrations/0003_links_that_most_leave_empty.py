"""Links that most rows leave empty: an index of those that do not."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0002_identifiers"),
        ("cooperation", "0007_order_of_import_rows_held"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="convention",
            name="predecessor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="La convention précédente du même partenariat.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="agreements.convention",
                verbose_name="fait suite à",
            ),
        ),
        migrations.AddIndex(
            model_name="convention",
            index=models.Index(
                condition=models.Q(("predecessor__isnull", False)),
                fields=["predecessor"],
                name="convention_followed",
            ),
        ),
    ]
