"""`hitmiss completion`: what a shell needs in order to complete hitmiss' commands."""

import click

SHELLS = ("bash", "zsh", "fish")


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
    from click import shell_completion

    of_shell = {
        "bash": shell_completion.BashComplete,
        "zsh": shell_completion.ZshComplete,
        "fish": shell_completion.FishComplete,
    }
    root = context.find_root()
    name = str(root.info_name)
    script = of_shell[shell](root.command, {}, name, f"_{name.upper()}_COMPLETE")
    # Its source() would run bash to see how old it is, at each start of a shell.
    click.echo(script.source_template % script.source_vars(), nl=False)
