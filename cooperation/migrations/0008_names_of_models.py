from django.conf import settings
from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    """Names alone: the tables stay as they are."""

    dependencies = [("cooperation", "0007_order_of_import_rows_held")]

    operations = [
        migrations.AlterModelTable("touched", "cooperation_touched"),
        migrations.RenameModel("Touched", "JournalEntry"),
        migrations.AlterModelTable("answered", "cooperation_answered"),
        migrations.RenameModel("Answered", "IdempotentResponse"),
        migrations.AlterField(
            "idempotentresponse",
            "user",
            models.ForeignKey(
                on_delete=CASCADE,
                related_name="idempotent_responses",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
