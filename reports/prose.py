"""What the secretariat writes, in Markdown, as safe HTML."""

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

# No HTML of its own, no image, no link defined once and used a thousand times; tables are welcome.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "reference"])
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "h4", "a", "code", "pre", "hr"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
# Guides of the site have headings of their own.
GUIDE_TAGS = TAGS | {"h2", "h3"}
ADDRESSES = {"http", "https", "mailto"}


def as_html(text: str) -> SafeString:
    """Headings of any level become h4: the report has its own above them."""
    tokens = MARKDOWN.parse(text)
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = "h4"
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return SafeString(nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes=ADDRESSES))


def guide_as_html(text: str) -> SafeString:
    """A guide of the site: its headings are those of its page."""
    html = MARKDOWN.render(text)
    return SafeString(nh3.clean(html, tags=GUIDE_TAGS, attributes={"a": {"href"}}))
