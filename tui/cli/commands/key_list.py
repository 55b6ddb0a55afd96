"""`hitmiss --list-keys`: what the explorer can do, and by which keys."""

from typing import TYPE_CHECKING

from tui.cli.commands.output import print_json, print_line
from tui.cli.exit_codes import DONE
from tui.runtime.plain_text import readable_json

if TYPE_CHECKING:
    from tui.config.settings import Settings


def print_keys(settings: "Settings") -> int:
    """Print every action with its keys, in the form that the configuration file has.

    Raises:
        SettingsError: the keys of the configuration file cannot be used.
    """
    from tui.views.keymap import checked, default_bindings, default_keys, spelled

    keymap = checked(settings.keys, settings.sources["keys"])
    group = ""
    if not settings.json:
        print_line("[keys]")
    for id, binding in default_bindings().items():
        default = [spelled(key) for key in default_keys(binding)]
        keys = [spelled(key) for key in keymap[id].split(",")] if id in keymap else default
        if settings.json:
            print_json({"id": id, "keys": keys, "default": default, "does": binding.tooltip})
            continue
        if id.partition(".")[0] != group:
            group = id.partition(".")[0]
            print_line("")
        changed = "" if keys == default else f" (by default {','.join(default)})"
        name, value = readable_json(id), readable_json(",".join(keys))
        print_line(f"{name:24} = {value:20} # {binding.tooltip}{changed}")
    return DONE
