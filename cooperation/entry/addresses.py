"""Addresses that records of every kind have."""

from django.urls import URLPattern, path

from cooperation.entry import views as entry


def history_pages(folder, model) -> list[URLPattern]:
    """The history of each record of a model, and what restores from it where something may."""
    name, address = model._meta.model_name, f"{folder}/<slug:key>/historique/"
    facts = {"model": model}
    pages = [path(address, entry.record_history, facts, name=f"{name}_history")]
    if not model.has_own_history:
        restoring = f"{address}retablir/"
        pages.append(path(restoring, entry.history_restore, facts, name=f"{name}_restore"))
    return pages
