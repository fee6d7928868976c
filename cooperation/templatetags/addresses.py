"""Addresses that hold outside the page."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def absolute(path) -> str:
    """The whole address of a page of the registry."""
    return f"{settings.SITE_URL}{path}"
