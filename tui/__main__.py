"""`python -m tui` is the same as the command `hitmiss`."""

from tui.cli import main

if __name__ == "__main__":
    main()
