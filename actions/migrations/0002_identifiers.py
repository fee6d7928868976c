from django.db import migrations

from cooperation.records.uids import uid_operations


class Migration(migrations.Migration):
    dependencies = [("actions", "0001_initial")]

    operations = uid_operations(
        "actions", ["axis", "budgetline", "disbursement", "indicator", "measurement"]
    )
