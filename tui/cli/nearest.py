"""What a person may have meant by a name that does not exist, and groups that know it."""

from collections.abc import Iterable

import click

from tui.runtime.nearest import nearest_name


class Grouped(click.Group):
    """Commands: listed before the options, of which there are many; nearly named, suggested."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what is there to be done, and then how."""
        self.format_commands(context, formatter)
        click.Command.format_options(self, context, formatter)

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named first.

        Raises:
            click.UsageError: there is none of that name; the nearest is suggested.
        """
        if not args[0].startswith("-") and self.get_command(context, args[0]) is None:
            known = self.list_commands(context)
            raise click.UsageError(
                f"there is no command {args[0]!r}{suggested(args[0], known)}", context
            )
        return super().resolve_command(context, args)


def nearest_option(error: click.NoSuchOption) -> str:
    """Return what is wrong, with the option whose name is the nearest."""
    context = error.ctx
    known = [] if context is None else [
        name
        for parameter in context.command.get_params(context)
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("-")
    ]  # fmt: skip
    return f"there is no option {error.option_name!r}{suggested(error.option_name, known)}"


def suggested(name: str, known: Iterable[str]) -> str:
    """Return what is to be said of the nearest of these names; nothing where none is near."""
    near = nearest_name(name, known)
    return "" if near is None else f"; did you mean {near}?"
