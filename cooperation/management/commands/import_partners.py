from cooperation.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Import a list of partners with their official codes (SIREN, COG, IFU, IATI)."
    kind = "partenaires"
