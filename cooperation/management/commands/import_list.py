from cooperation.importing.command import ImportCommand


class Command(ImportCommand):
    help = (
        "Import a list of any kind: actions, avenants, amounts, payments, visits; all or nothing."
    )
