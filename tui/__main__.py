"""The command `hitmiss`, and `python -m tui`: the same."""

from tui import signals


def main() -> None:
    """Run the command line; interrupted while it is still being loaded, end without a word."""
    signals.leave_at_once()
    from tui.cli import main as run

    signals.as_usual()
    run()


if __name__ == "__main__":
    main()
