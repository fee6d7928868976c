"""The style sheets, inside each page: on a slow network one request beats two."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static/css"
# What every page has, what those of records have, and what only some of them need.
CORE, COMMON, PARTS = "core", "common", ("list", "record", "figures")
# Only those of a group at work.
GROUP = "group"


def compact(css) -> str:
    """Without comments, line ends and the spaces around marks."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", plain)).replace(";}", "}").strip()


STYLES = {
    name: compact((FOLDER / f"{name}.css").read_text(encoding="utf-8"))
    for name in (CORE, COMMON, *PARTS, GROUP)
}
# How the content security policy knows them: it runs no other style.
STYLE_HASHES = [
    f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in STYLES.values()
]
