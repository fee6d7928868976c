from django.db import migrations
from django.db.models import Q
from django.utils import timezone

PUBLISHED, WITHDRAWN = "publie", "retire"


def forwards(apps, schema_editor):
    """Files of withdrawn or merged conventions, and of their avenants and dossiers, were left public."""
    documents = apps.get_model("cooperation", "Document").objects
    history = apps.get_model("cooperation", "HistoricalDocument")
    linked = Q(conventions__isnull=False) | Q(legal_steps__isnull=False) | Q(avenants__isnull=False)
    held = (
        Q(conventions__status=PUBLISHED)
        | Q(legal_steps__convention__status=PUBLISHED)
        | Q(avenants__status=PUBLISHED, avenants__convention__status=PUBLISHED)
    )
    left = documents.filter(linked, status=PUBLISHED)
    for document in left.exclude(pk__in=documents.filter(held).values("pk")).distinct():
        document.status = WITHDRAWN
        document.version += 1
        document.save()
        history.objects.create(
            **{
                field.attname: getattr(document, field.attname)
                for field in document._meta.concrete_fields
            },
            history_date=timezone.now(),
            history_type="~",
            history_change_reason="N’est plus joint à une fiche publiée.",
        )


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0003_links_that_most_leave_empty"),
        ("cooperation", "0008_names_of_models"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
