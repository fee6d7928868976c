from django import template

from reports import described as descriptions

register = template.Library()


@register.inclusion_tag("_described.html")
def described(record) -> dict:
    """What other sites read of it; nothing of what is not published."""
    # An action is as public as its convention.
    holder = getattr(record, "convention", record)
    return {"about": descriptions.described(record) if holder.is_published else None}
