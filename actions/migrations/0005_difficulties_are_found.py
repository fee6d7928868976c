from django.db import migrations

from cooperation.values.text import fold


def forwards(apps, schema_editor):
    """Difficulties are searched too: their words join the text that searches read."""
    actions = apps.get_model("actions", "Action").objects.exclude(difficulties="")
    for action in actions.only("pk", "search_text", "difficulties").iterator(chunk_size=2000):
        text = f"{action.search_text} {fold(action.difficulties)}"
        type(action).objects.filter(pk=action.pk).update(search_text=text)


class Migration(migrations.Migration):
    dependencies = [("actions", "0004_links_that_most_leave_empty")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
