"""Links that most rows leave empty: an index of those that do not."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0003_iati_activities"),
        ("agreements", "0003_links_that_most_leave_empty"),
        ("cooperation", "0007_order_of_import_rows_held"),
    ]

    operations = [
        migrations.AlterField(
            model_name="budgetline",
            name="action",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Vide si le montant vaut pour toute la convention. Un montant ne se saisit qu’à un seul niveau : les lignes s’additionnent.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="budget_lines",
                to="actions.action",
                verbose_name="action",
            ),
        ),
        migrations.AlterField(
            model_name="indicator",
            name="action",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Vide si l’indicateur vaut pour toute la convention.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="indicators",
                to="actions.action",
                verbose_name="action",
            ),
        ),
        migrations.AddIndex(
            model_name="budgetline",
            index=models.Index(
                condition=models.Q(("action__isnull", False)),
                fields=["action"],
                name="budgetline_of_action",
            ),
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(
                condition=models.Q(("action__isnull", False)),
                fields=["action"],
                name="indicator_of_action",
            ),
        ),
    ]
