"""What groups shared about a record, on its page."""

from django import template
from django.db.models import QuerySet

from workgroup.models import shared_about

register = template.Library()


@register.simple_tag
def shared_documents(record, user) -> QuerySet:
    """Of a convention, or an action, as far as this person sees it."""
    return shared_about(record, user)
