"""How the API writes what it answers, and reads what it is sent."""

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer


class FastRenderer(JSONRenderer):
    """The same JSON, many times faster."""

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class FastParser(JSONParser):
    """JSON of a bounded size and depth."""

    def parse(self, stream, media_type=None, parser_context=None) -> object:
        try:
            return orjson.loads(parser_context["request"]._request.body)
        except orjson.JSONDecodeError:
            raise ParseError from None
