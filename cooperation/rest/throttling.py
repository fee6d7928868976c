"""How much one network, or one person, may ask of the API; every answer that is made says what is left.

An answer that is kept, and a 304, cost nothing and are not counted. Offices and whole telephone
networks share an address: the bounds are far above what a person, or a copy of the registry, asks.
"""

from math import ceil

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class RateLimitHeaders:
    """What headers say: the bound, what is left of it, and in how many seconds it is whole again."""

    def headers(self) -> dict:
        if not hasattr(self, "history"):
            return {}
        latest = self.history[0] if self.history else self.now
        return {
            "RateLimit-Limit": str(self.num_requests),
            "RateLimit-Remaining": str(max(0, self.num_requests - len(self.history))),
            "RateLimit-Reset": str(ceil(max(0, latest + self.duration - self.now))),
        }


class VisitorThrottle(RateLimitHeaders, AnonRateThrottle):
    scope = "visitors"


class PersonThrottle(RateLimitHeaders, UserRateThrottle):
    scope = "people"

    def get_cache_key(self, request, view) -> str | None:
        return super().get_cache_key(request, view) if request.user.is_authenticated else None
