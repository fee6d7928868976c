"""What a record holds, field by field."""

from django import template
from django.utils.text import capfirst

from cooperation.values.display import shown

register = template.Library()


@register.simple_tag
def facts(record, without="") -> list[tuple[str, str]]:
    """[(label, value)] of the filled fields of a record, but those that the page shows in its own way.

    A field that is new to the model is on the page at once: nobody has to think of it.
    """
    found = []
    for name in record.entered_fields():
        field, value = record._meta.get_field(name), getattr(record, name)
        if name not in without.split() and value is not False and (text := shown(field, value)):
            found.append((capfirst(field.verbose_name), text))
    return found
