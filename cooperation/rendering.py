"""How the API writes what it answers."""

import orjson
from rest_framework.renderers import JSONRenderer


class FastRenderer(JSONRenderer):
    """The same JSON, many times faster."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else orjson.dumps(data)
