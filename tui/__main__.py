"""The command `hitmiss`, and `python -m tui`: the same."""

import gc
import os
import sys

try:
    from tui.runtime import working_folder

    working_folder.leave_working_folder()  # nothing is imported from there, not even typing
    from tui.runtime import isolation, late_modules, signals
except KeyboardInterrupt:  # this early ctrl+c is still Python's own
    sys.exit(130)


def main() -> None:
    """Run the command line; interrupted before it runs or after that, end without a word."""
    gc.disable()  # what is loaded at the start is no garbage, and would be looked through
    try:
        signals.leave_at_once()
        isolation.drop_developers_switches(os.environ)
        late_modules.load_late()
        from tui.cli.main import main as run

        signals.as_usual()
        run()
    except KeyboardInterrupt:
        from tui.runtime.leaving import leave

        leave(130)
    except Exception as error:  # noqa: BLE001 - before or behind what the command catches
        from tui.runtime.crash import report
        from tui.runtime.leaving import leave

        leave(report(error, debug="--debug" in sys.argv))
    finally:
        signals.leave_at_once()


if __name__ == "__main__":
    main()
