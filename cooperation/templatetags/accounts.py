"""What one reads of the devices of an account."""

from django import template

register = template.Library()

# In what they send as User-Agent, the more particular first: Edge calls itself Chrome as well.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Opera Mini", "Opera Mini"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
]


@register.filter
def device(user_agent) -> str:
    """« Chrome, Android », or « appareil inconnu »."""
    names = [
        next((name for mark, name in known if mark in user_agent), None)
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, names)) or "appareil inconnu"
