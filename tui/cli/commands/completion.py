"""`hitmiss completion`: what a shell needs in order to complete hitmiss' commands."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from click.shell_completion import ShellComplete

SHELLS = ("bash", "zsh", "fish")
VARIABLE: Final = "_HITMISS_COMPLETE"
"""By which a shell's function asks."""
_COUNT: Final = re.compile("[0-9]{1,9}", re.ASCII)


@click.command(short_help="Print what a shell needs to complete commands.")
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which bash (4.4 or newer), zsh or fish completes hitmiss.

    Commands, options, files and the tables of the database are completed. To have that in
    every shell from now on, put the line for yours

    \b
        eval "$(hitmiss completion bash)"      into ~/.bashrc
        eval "$(hitmiss completion zsh)"       into ~/.zshrc, after compinit
        hitmiss completion fish | source       into ~/.config/fish/config.fish
    """  # noqa: D301 - it is click's sign that the lines below are to stay as they are
    classes = _classes()
    root = context.find_root()
    name = str(root.info_name)
    click.echo(classes[shell](root.command, {}, name, VARIABLE).source(), nl=False)


def prepare_completion(environment: Mapping[str, str]) -> None:
    """Let click answer a shell that asks by VARIABLE, without running any program for it.

    Raises:
        click.UsageError: the variable is there, and what a shell says beside it is not.
    """
    instruction = environment.get(VARIABLE, "")
    if not instruction:
        return
    _classes()
    shell, _, ask = instruction.partition("_")
    place = environment.get("COMP_CWORD")
    told = "COMP_WORDS" in environment and place is not None
    if ask == "complete" and not (told and (shell == "fish" or _COUNT.fullmatch(place or ""))):
        raise click.UsageError(
            f"{VARIABLE} is for the function of a shell: see hitmiss completion --help"
        )


def _classes() -> "Mapping[str, type[ShellComplete]]":
    """Return how click speaks to each shell, with our own class for bash, which it has then."""
    from click import shell_completion

    class Bash(shell_completion.BashComplete):
        """What bash needs; click's own runs the `bash` that PATH has first, to see its age."""

        def source(self) -> str:
            """Return the script."""
            return self.source_template % self.source_vars()

    return {
        "bash": shell_completion.add_completion_class(Bash),
        "zsh": shell_completion.ZshComplete,
        "fish": shell_completion.FishComplete,
    }
