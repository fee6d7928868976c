from django.db import migrations, models

from cooperation.values.text import fold

# What is searched of each, when this was written.
SEARCHED = {
    "GroupMeeting": ["title", "place", "note", "reference"],
    "Draft": ["title", "purpose", "outcome", "reference"],
}


def fill(apps, schema_editor):
    for name, fields in SEARCHED.items():
        model = apps.get_model("workgroup", name)
        for record in model.objects.only("search_text", *fields):
            text = fold(" ".join(getattr(record, field) for field in fields))
            model.objects.filter(pk=record.pk).update(search_text=text)


class Migration(migrations.Migration):
    dependencies = [("workgroup", "0004_uid_of_minutes")]

    operations = [
        *(
            migrations.AddField(name, "search_text", models.TextField(default="", editable=False))
            for name in ("groupmeeting", "draft", "historicalgroupmeeting", "historicaldraft")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
