"""The project's settings, with tables made as the models are: by the migrations it takes a minute."""

from cooperation.settings import *  # noqa: F403


class NoMigrations:
    """Says of every app that it has none."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = NoMigrations()
