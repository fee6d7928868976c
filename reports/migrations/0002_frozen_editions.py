"""An edition keeps its number and title; what is written around figures has a bound."""

from django.db import migrations, models

import reports.models

NARRATIVE = {
    "summary": (
        "Synthèse",
        "Une page qui se lit seule : cinq constats, trois recommandations, un chiffre.",
    ),
    "progress_note": (
        "Réalisations, retards et difficultés",
        "Ce qui s’est fait, ce qui a tardé, pourquoi.",
    ),
    "money_note": ("Financement", "Fonds propres, cofinancements, temps valorisé."),
    "lessons": (
        "Leçons et bonnes pratiques",
        "Contexte, démarche, résultat mesuré, conditions pour refaire ailleurs.",
    ),
    "ponadec": ("Indicateurs de la PONADEC", "Ce que la coopération décentralisée y apporte."),
    "recommendations": (
        "Recommandations",
        "Celles qui ont été suivies, et les nouvelles : qui, quand.",
    ),
    "workgroup": ("Travaux du sous-groupe", "Réunions, études, projets de textes."),
}


class AddFieldOnce(migrations.AddField):
    """For a time the first migration made these columns itself: those that are there stay."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        with schema_editor.connection.cursor() as cursor:
            columns = schema_editor.connection.introspection.get_table_description(cursor, table)
        if self.name not in {column.name for column in columns}:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def name_editions(apps, schema_editor):
    """As the covers of those that were published bear them."""
    for edition in apps.get_model("reports", "Edition").objects.filter(mark=None):
        edition.mark = f"{edition.bilan.reference.upper()}-E{edition.number}"
        edition.title = edition.bilan.title
        edition.save()


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_bilans_and_reports")]

    operations = [
        AddFieldOnce(
            "edition",
            "mark",
            models.CharField("numéro", max_length=40, unique=True, null=True, editable=False),
        ),
        AddFieldOnce(
            "edition",
            "title",
            models.CharField("titre", max_length=200, default="", editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(name_editions, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "edition",
            "mark",
            models.CharField("numéro", max_length=40, unique=True, editable=False),
        ),
        migrations.AlterModelOptions(
            "edition",
            {
                "base_manager_name": "objects",
                "ordering": ["bilan", "-number"],
                "verbose_name": "édition",
            },
        ),
        migrations.AlterField(
            "edition",
            "pdf",
            reports.models.FrozenFileField(
                "PDF", upload_to="bilans/", max_length=120, editable=False
            ),
        ),
        *(
            migrations.AlterField(
                model,
                name,
                models.TextField(label, blank=True, max_length=50_000, help_text=help_text),
            )
            for model in ("bilan", "historicalbilan")
            for name, (label, help_text) in NARRATIVE.items()
        ),
    ]
