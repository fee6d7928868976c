"""The words of the entry pages: Django's name the kind of a record as no clerk would."""

import json

from django.contrib.admin.helpers import InlineAdminFormSet
from django.http.response import HttpResponseBase


class Worded:
    """Titles and buttons of the pages of one model."""

    # Of the model's name in French: « un avenant », « une convention ».
    article = "un"

    @property
    def add_words(self) -> str:
        return f"Ajouter {self.article} {self.opts.verbose_name}"

    def add_view(self, request, form_url="", extra_context=None) -> HttpResponseBase:
        words = {"title": self.add_words}
        return super().add_view(request, form_url, words | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponseBase:
        words = {"title": f"Modifier {self.article} {self.opts.verbose_name}"}
        return super().change_view(request, object_id, form_url, words | (extra_context or {}))

    def changelist_view(self, request, extra_context=None) -> HttpResponseBase:
        plural = self.opts.verbose_name_plural
        words = {"title": plural[:1].upper() + plural[1:], "add_words": self.add_words}
        return super().changelist_view(request, words | (extra_context or {}))

    def get_inline_formsets(self, *args, **kwargs) -> list[InlineAdminFormSet]:
        """Each says in its own words what its button adds."""
        formsets = super().get_inline_formsets(*args, **kwargs)
        for formset in formsets:
            formset.inline_formset_data = adding(formset)
        return formsets


class WordedLines:
    """The button that adds a line of one kind, and the word that takes a new one away."""

    article = "un"
    add_words = ""


def adding(formset) -> str:
    """What the script that adds lines reads, in place of Django's own."""
    opts = formset.opts
    words = opts.add_words or f"Ajouter {opts.article} {opts.verbose_name}"
    options = {"prefix": formset.formset.prefix, "addText": words, "deleteText": "Enlever"}
    told = {"name": f"#{formset.formset.prefix}", "options": options}
    return json.dumps(told, ensure_ascii=False)
