from django.db import migrations

from cooperation.values.text import fold

# Where search read in each model when this was written.
SEARCHED = {
    ("cooperation", "Partner"): ["name", "short_name", "aliases"],
    ("cooperation", "Document"): ["title"],
    ("agreements", "Convention"): ["title", "objectives", "note", "reference"],
    ("actions", "Action"): ["title", "description", "beneficiaries", "results", "difficulties"],
}


def forwards(apps, schema_editor):
    """Letters such as ɖ and ɛ are found as d and e, and invisible characters hide no word any more."""
    for names, fields in SEARCHED.items():
        model = apps.get_model(*names)
        changed = []
        for record in model.objects.only("search_text", *fields).iterator(chunk_size=2000):
            text = fold(" ".join(str(getattr(record, name)) for name in fields))
            if text != record.search_text:
                record.search_text = text
                changed.append(record)
        model.objects.bulk_update(changed, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0005_difficulties_are_found"),
        ("agreements", "0003_links_that_most_leave_empty"),
        ("cooperation", "0008_names_of_models"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
