from django.db import migrations

from cooperation.records.uids import uid_operations


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]

    operations = uid_operations("agreements", ["party", "avenant", "legalstep"])
