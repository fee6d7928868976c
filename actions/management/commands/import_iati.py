from cooperation.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Import the activities of an IATI file as drafts of conventions and actions; all or nothing."
    kind = "iati"
