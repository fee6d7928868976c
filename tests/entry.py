"""Filling in the admin's forms as a browser would: what the page holds, and what a person changes."""

from django.urls import reverse


def page_data(response):
    """Every field of the form on the page, with the value that it shows."""
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form]
    for formset in formsets:
        forms += [formset.management_form, *formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and value not in ("", []):
                data[bound.html_name] = "on" if value is True else value
    return data


def add_line(data, prefix, **values):
    """One more line in an inline of the form, as its « Ajouter » link does."""
    number = int(data.get(f"{prefix}-TOTAL_FORMS", 0))
    data[f"{prefix}-TOTAL_FORMS"] = number + 1
    data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}


def errors(response):
    """All that the page says is wrong, as one text."""
    assert response.status_code == 200, "the form was accepted"
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    found = [response.context["adminform"].form.errors]
    for formset in formsets:
        found += [*formset.errors, {"": formset.non_form_errors()}]
    return " ".join(
        message for group in found for messages in group.values() for message in messages
    )


ADD = reverse("admin:agreements_convention_add")


def change(record):
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
