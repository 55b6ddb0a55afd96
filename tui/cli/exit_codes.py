"""The codes that the command line exits with, which scripts rely on."""

DONE, NOT_THERE, USAGE, NO_DATABASE, NO_CACHE, INTERRUPTED = 0, 1, 2, 3, 4, 130
