"""Which private parts of other packages we use: any release of those may take them away."""

import ast
import re
import tomllib
from contextlib import suppress
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import textual
from private_parts import exists, parts_used, uses

OF_TEXTUAL = {
    "textual._ansi_sequences",  # what is typed, read as keys
    "textual._keyboard_protocol",
    "textual._xterm_parser",
    "textual._xterm_parser.XTermParser._sequence_to_key_events",
    "textual.app.App._batch_count",  # what may be painted
    "textual.app.App._check_action_state",  # which keys do something now
    "textual.app.App._disable_tooltips",
    "textual.app.App._driver",
    "textual.app.App._exception",  # what ended it, for the exit code and for a report
    "textual.app.App._exception_event",
    "textual.app.App._handle_exception",
    "textual.app.App._keymap",  # keys as they were remapped
    "textual.app.App._modes",
    "textual.app.App._return_code",
    "textual.command.CommandPalette._action_command_list",
    "textual.css.stylesheet.Stylesheet._parse_cache",
    "textual.css.stylesheet.Stylesheet._parse_rules",
    "textual.css.stylesheet.Stylesheet._variables",
    "textual.dom.DOMNode._bindings",
    "textual.driver.Driver._app",
    "textual.driver.Driver._auto_restart",
    "textual.driver.Driver._loop",
    "textual.driver.Driver._size",
    "textual.drivers.linux_driver.LinuxDriver._disable_mouse_support",
    "textual.drivers.linux_driver.LinuxDriver._file",
    "textual.drivers.linux_driver.LinuxDriver._get_terminal_size",
    "textual.drivers.linux_driver.LinuxDriver._in_band_window_resize",
    "textual.drivers.linux_driver.LinuxDriver._mouse_pixels",
    "textual.message_pump.MessagePump._close_messages_no_wait",
    "textual.message_pump.MessagePump._parent",
    "textual.screen.Screen._compositor",
    "textual.screen.Screen._compositor_refresh",
    "textual.screen.Screen._extend_compose",
    "textual.screen.Screen._repaint_required",
}
OF_OTHERS = {
    "fakeredis._typing",  # the names of its modes
    "redis._parsers",  # what hiredis gives for a reply that has not come
    "redis._parsers.hiredis._AsyncHiredisParser._reader",
    "redis.asyncio.connection.AbstractConnection._connect",
    "redis.asyncio.connection.AbstractConnection._parser",
    "redis.asyncio.connection.AbstractConnection._reader",
    "redis.asyncio.connection.Connection._connect",
}
ON_SERVERS = (
    "tui.database.sql.", "tui.database.postgresql.", "tui.database.mysql.",
    "tui.database.mongodb.",
)  # fmt: skip
"""Packages that reach none of these, as import-linter sees to; what they use of their own
drivers their own tests list."""
ROOT = next(one for one in Path(__file__).parents if (one / "pyproject.toml").exists())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = {re.split(r"[^\w-]", one)[0]: one for one in PROJECT["dependencies"]} | {"rich": ""}


@pytest.mark.parametrize("package", PACKAGES)
def test_all_that_we_use_is_listed_and_all_that_is_listed_is_used(package: str) -> None:
    """A further private part has to be written down here, and one less to be struck out."""
    listed = {one for one in OF_TEXTUAL | OF_OTHERS if one.startswith(f"{package}.")}
    used = parts_used("tui", package, apart=ON_SERVERS)
    of_unknown_class = {f".{one.rpartition('.')[2]}": one for one in listed - used}
    assert {of_unknown_class.get(one, one) for one in used} == listed


@pytest.mark.parametrize("part", sorted(OF_TEXTUAL | OF_OTHERS))
def test_what_is_listed_is_there(part: str) -> None:
    """The release that is installed has each of them where it was."""
    assert exists(part)
    assert not exists(f"{part}_gone")


def test_textual_is_pinned_while_private_parts_of_it_are_used() -> None:
    """To the very release on which the tests run; without such parts a range would do."""
    exact = PACKAGES["textual"] == f"textual=={textual.__version__}"
    assert exact is bool(OF_TEXTUAL)


OWN = "from textual.app import App\nclass Mine(App[None]):\n {}\n"
KINDS = {
    "import textual._compose": "textual._compose",
    "import textual._compose as public": "textual._compose",
    "from textual import _compose": "textual._compose",
    "from textual._compose import compose": "textual._compose",
    "from textual.app import _private": "textual.app._private",
    "def f():\n from textual._compose import compose": "textual._compose",
    "if TYPE_CHECKING:\n from textual._compose import compose": "textual._compose",
    "def f(node): return node._bindings": "._bindings",
    "def f(node): node._bindings = 1": "._bindings",
    "def f(node): del node.parent._bindings": "._bindings",
    "def f(): return made()[0]._bindings": "._bindings",
    "getattr(node, '_bindings')": "._bindings",
    "setattr(node, name='x', value=1) or hasattr(node, '_bindings')": "._bindings",
    "operator.attrgetter('app._keymap')(node)": "._keymap",
    "from textual.app import App\nApp._keymap": "textual.app.App._keymap",
    "from textual.app import App\nApp[None]._keymap": "textual.app.App._keymap",
    "import textual.app\ntextual.app.App._keymap": "textual.app.App._keymap",
    "import textual.app as ours\nours._private": "textual.app._private",
    "vars(node)['_bindings'], node.__dict__['_bindings']": "._bindings",
    "type('Mine', (App,), {'_bindings': None})": "._bindings",
    "patch.object(node, '_bindings')": "._bindings",
    "type(node)._bindings": "._bindings",
    "import_module('textual._compose')": "textual._compose",
    "sys.modules['textual._compose'].compose": "textual._compose",
    "class Mine(made()):\n _bindings = None": "._bindings",
    "match node:\n case DOMNode(_bindings=1): pass": "._bindings",
    OWN.format("def f(self): return self._keymap"): "textual.app.App._keymap",
    OWN.format("def f(self): self._keymap = {}"): "textual.app.App._keymap",
    OWN.format("def f(self): return super()._on_compose()"): "textual.app.App._on_compose",
    OWN.format(
        "def f(self): return super(Mine, self)._on_compose()"
    ): "textual.app.App._on_compose",
    OWN.format("def _on_compose(self): pass"): "textual.app.App._on_compose",
    OWN.format("_bindings = None"): "textual.dom.DOMNode._bindings",
    OWN.format("_bindings: int = 0"): "textual.dom.DOMNode._bindings",
    OWN.format("def f(self): return lambda: self._bindings"): "textual.dom.DOMNode._bindings",
    "def f():\n" + indent(OWN.format("_bindings = None"), " "): "textual.dom.DOMNode._bindings",
    OWN.format("pass")
    + "class More(Mine):\n _bindings = None": "textual.dom.DOMNode._bindings",
    "class Own:\n _app = 1\n def f(self, node): return node._app": "._app",
    "class Mixed:\n def f(self): return self._bindings": "._bindings",
}
"""A piece of source for each way to reach for a private part, and the part."""
HARMLESS = [
    "import redis._parsers",
    "from textual.app import App",
    "from tui._parser import anything",
    "def f(record): return record._replace(id=1)",
    "import os\nos._exit(1)",
    "def f(): _bindings = 1; return _bindings",
    "def _keymap(): pass\n_keymap()",
    "class Own:\n def __init__(self): self._bindings = 1\n def f(self): return self._bindings",
    "class Own:\n _app = 1\n def __eq__(self, other): return other._app == self._app",
    "def f(node): return node.__class__.__name__",
    "'what node._bindings has'  # node._bindings",
    "class Own:\n __slots__ = ('_app',)\n def __init__(self): self._app = 1",
    "class Own(Enum):\n def _generate_next_value_(name, *_): return name",
]


def found(source: str) -> set[str]:
    """Return what is found in a source; in its namespace are the classes on its top level."""
    namespace: dict[str, Any] = {"__name__": "ours"}
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.ImportFrom):
            with suppress(ImportError, NameError):
                exec(ast.unparse(node), namespace)
    return set(uses(tree, namespace, "textual"))


@pytest.mark.parametrize(("source", "part"), KINDS.items())
def test_each_way_to_reach_for_a_private_part_is_found(source: str, part: str) -> None:
    """By import, by attribute, by a text, by a pattern, and by a name in a class of theirs."""
    assert found(source) == {part}


@pytest.mark.parametrize("source", HARMLESS)
def test_what_is_our_own_is_none(source: str) -> None:
    """Our own names, other packages', local ones and those in a text are not textual's."""
    assert found(source) == set()
