"""What a browser is shown at `/`: one page, its style in the outcomes' colours, its script."""

from importlib import resources
from typing import Final

from msgspec import Struct

from tui.models.colours import COLOURS, LIGHT

POLICY: Final = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
"""The page's Content-Security-Policy: its own style, script and look-ups, and nothing else."""
FILES: Final = {
    b"/": ("page.html", "text/html"),
    b"/page.css": ("page.css", "text/css"),
    b"/page.js": ("page.js", "text/javascript"),
}
"""The file and the media type of each path."""


class Page(Struct, frozen=True):
    """A file that a browser is given."""

    body: bytes
    """What is in it, in UTF-8."""
    media_type: str
    """Its media type, without the charset."""


def pages() -> dict[bytes, Page]:
    """Return the pages by their paths."""
    folder = resources.files("tui.http")
    found = {
        path: Page((folder / name).read_bytes(), media_type)
        for path, (name, media_type) in FILES.items()
    }
    style = found[b"/page.css"]
    return {**found, b"/page.css": Page(_colours() + style.body, style.media_type)}


def _colours() -> bytes:
    """Return the families' colours as custom properties, for a dark and a light background."""
    dark, light = (
        "".join(f"--{family}:{colour};" for family, colour in palette.items())
        for palette in (COLOURS, LIGHT)
    )
    return (
        f":root{{{dark}}}\n@media (prefers-color-scheme:light){{:root{{{light}}}}}\n".encode()
    )
