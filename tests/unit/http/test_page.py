"""The page for a browser: nothing comes from elsewhere, and nothing that is told is run."""

import re
from html.parser import HTMLParser
from importlib import resources

import pytest
from asking import Asker, Got, site_of
from fakes import Bench

from tui.http.pages import pages
from tui.models.colours import COLOURS, FAMILY, LEAST_CONTRAST, LIGHT, contrast

FOLDER = resources.files("tui.http")
SCRIPT = (FOLDER / "page.js").read_text(encoding="utf-8")
STYLE = pages()[b"/page.css"].body.decode()
RUNS_TEXT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc"
    r"|DOMParser|createContextualFragment|setHTML|setTimeout\(\s*[\"'`]"
)


class Parsed(HTMLParser):
    """The elements of the page, and what they lead to."""

    def __init__(self, text: str) -> None:
        """Take a page apart."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """See that it ends in its place."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what stands in an element."""
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


async def got(path: str) -> Got:
    """Return what a browser gets."""
    bench = Bench()
    return await Asker(site_of(bench), bench).get(path)


async def test_the_page_is_whole() -> None:
    """Every element ends; it has a language, a title, a table with headings and a caption."""
    answer = await got("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Parsed(answer.body.decode())
    assert page.open == []
    tags = [tag for tag, _ in page.elements]
    assert dict(page.elements)["html"] == {"lang": "en"}
    assert page.texts["title"] == "hitmiss"
    assert page.texts["caption"]
    assert tags.count("th") == 5
    ids = {told["id"] for _, told in page.elements if "id" in told}
    assert set(re.findall(r'\bat\("(\w+)"\)', SCRIPT)) == ids


async def test_all_that_it_needs_is_here() -> None:
    """It names no other server, and what it names is served with the right type."""
    page = Parsed((await got("/")).body.decode())
    named = {
        str(value) for _, told in page.elements for name, value in told.items()
        if name in {"src", "href", "action"}
    }  # fmt: skip
    assert named == {"data:,", "/page.css", "/page.js", "/lookups.json"}
    types = {
        path: (await got(path)).headers["content-type"] for path in sorted(named - {"data:,"})
    }
    assert types == {
        "/page.css": "text/css; charset=utf-8", "/page.js": "text/javascript; charset=utf-8",
        "/lookups.json": "application/json",
    }  # fmt: skip
    assert not re.search(
        r"https?:|//[a-z]|url\(|@import", STYLE + SCRIPT.replace("// Every", "")
    )


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css"])
async def test_the_policy_lets_nothing_else_run(path: str) -> None:
    """No script in the page, no other server, no frame around it."""
    policy = (await got(path)).headers["content-security-policy"]
    told = dict(one.split(" ", 1) for one in policy.split("; "))
    assert told == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
        "connect-src": "'self'", "img-src": "data:", "base-uri": "'none'",
        "form-action": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip


async def test_it_obeys_its_own_policy() -> None:
    """No script, style or handler stands in the page itself."""
    page = Parsed((await got("/")).body.decode())
    assert "script" not in page.texts
    assert "style" not in page.texts
    names = {name for _, told in page.elements for name in told}
    assert not [name for name in names if name.startswith("on") or name == "style"]


def test_what_is_told_is_put_in_as_text() -> None:
    """The script has no way to make elements of a text."""
    assert RUNS_TEXT.search(SCRIPT) is None
    assert "textContent" in SCRIPT


def test_its_colours_are_those_of_the_outcomes() -> None:
    """On a dark background and on a light one, and each can be read on it."""
    dark, light = STYLE.split("@media (prefers-color-scheme:light)")[:2]
    for palette, style in ((COLOURS, dark), (LIGHT, light.partition("\n")[0])):
        assert all(f"--{family}:{colour};" in style for family, colour in palette.items())
    assert set(re.findall(r"\.(\w+) \{ color: var\(--\1\)", STYLE)) == set(FAMILY.values())
    grounds = re.findall(r"--ground: (#\w{6})", STYLE)
    others = [re.findall(rf"--{name}: (#\w{{6}})", STYLE) for name in ("text", "faint")]
    for place, palette in enumerate((COLOURS, LIGHT)):
        shown = [*palette.values(), *(found[place] for found in others)]
        assert min(contrast(one, grounds[place]) for one in shown) >= LEAST_CONTRAST
