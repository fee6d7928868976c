from django.db import migrations, models

from cooperation.records.base import new_uid


def give(apps, schema_editor):
    minutes = apps.get_model("workgroup", "Minutes")
    history = apps.get_model("workgroup", "HistoricalMinutes")
    for one in minutes.objects.filter(uid=None):
        uid = new_uid()
        minutes.objects.filter(pk=one.pk).update(uid=uid)
        history.objects.filter(id=one.pk).update(uid=uid)


def field(**kwargs):
    return models.CharField(
        "identifiant",
        max_length=16,
        editable=False,
        help_text="Identifiant dans le registre ; ne change jamais.",
        **kwargs,
    )


class Migration(migrations.Migration):
    dependencies = [("workgroup", "0003_ponadec_indicators")]

    operations = [
        migrations.AddField("minutes", "uid", field(null=True)),
        migrations.AddField("historicalminutes", "uid", field(null=True)),
        migrations.RunPython(give, migrations.RunPython.noop),
        migrations.AlterField("minutes", "uid", field(default=new_uid, unique=True)),
        migrations.AlterField("historicalminutes", "uid", field(default=new_uid, db_index=True)),
    ]
