from cooperation.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Import a list of conventions with their parties, dates and amounts; all or nothing."
    kind = "conventions"
