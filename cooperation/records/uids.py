"""Migration steps that give rows an identifier of their own."""

from hashlib import sha256

from django.db import migrations, models

import cooperation.records.base


def uid_of(label, key) -> str:
    return sha256(f"{label}:{key}".encode()).hexdigest()[:16]


def fill(app, names) -> migrations.RunPython:
    """Every row, and each row of its history, gets the same one from its key."""

    def forwards(apps, schema_editor):
        for name in names:
            for model, key in ((name, "pk"), (f"historical{name}", "id")):
                rows = apps.get_model(app, model)._base_manager.filter(uid="")
                for row in rows.only("pk", key if key != "pk" else "uid").iterator(chunk_size=2000):
                    uid = uid_of(f"{app}.{name}", getattr(row, key))
                    type(row)._base_manager.filter(pk=row.pk).update(uid=uid)

    return migrations.RunPython(forwards, migrations.RunPython.noop)


def column(unique) -> models.CharField:
    return models.CharField(
        default=cooperation.records.base.new_uid if unique else "",
        editable=False,
        help_text="Identifiant dans le registre ; ne change jamais.",
        max_length=16,
        unique=unique,
        verbose_name="identifiant",
    )


def history_column() -> models.CharField:
    return models.CharField(
        db_index=True,
        default=cooperation.records.base.new_uid,
        editable=False,
        help_text="Identifiant dans le registre ; ne change jamais.",
        max_length=16,
        verbose_name="identifiant",
    )


def uid_operations(app, names) -> list:
    """Added empty, filled, then unique: one statement could not tell the rows apart."""
    both = [model for name in names for model in (name, f"historical{name}")]
    return [
        *(migrations.AddField(model, "uid", column(unique=False)) for model in both),
        fill(app, names),
        *(migrations.AlterField(name, "uid", column(unique=True)) for name in names),
        *(migrations.AlterField(f"historical{name}", "uid", history_column()) for name in names),
    ]
