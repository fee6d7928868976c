"""Whence visitors come: told apart for a day, and never kept as an address."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac


def network_of(request: HttpRequest) -> str:
    """A code of the visitor's network, another one every day: 32 hexadecimal digits.

    An IPv6 address is its network of 64 bits, which is what one household or telephone has.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = ip_network((address, 64), strict=False)
    day = timezone.localdate().isoformat()
    return salted_hmac(f"network {day}", str(address), algorithm="sha256").hexdigest()[:32]
