"""One tree of everything that can go wrong outside our own code."""

from typing import Final

READ_ONLY: Final = "read-only: start with --writable to change the cache or the database"
READ_ONLY_CACHE: Final = "read-only: start with --writable to change the cache"
READ_ONLY_DATABASE: Final = "read-only: start with --writable to change the database"


class HitmissError(Exception):
    """Says in one line what is wrong and, where there is something to do, what."""


class SettingsError(HitmissError):
    """An option, an environment variable or the configuration file is wrong."""


class StateUnusable(HitmissError):
    """What is kept from one run to the next cannot be read, or is somebody else's."""


class OutputFailed(HitmissError):
    """A file that a person asked for was not written."""


class InvalidKey(HitmissError):
    """What was typed cannot be the key of a record in this table."""


class ChangeRefused(HitmissError):
    """A change of the database that its table, or read-only, does not allow."""


class ChangedMeanwhile(ChangeRefused):
    """The record is no longer what the change was made for; nothing was changed."""


class ChangeIgnored(ChangeRefused):
    """The table itself passed over the change; what its triggers did instead nobody knows."""


class CacheError(HitmissError):
    """The cache did not do what it was asked to do."""


class CacheUnavailable(CacheError):
    """No answer from the cache: refused, timed out, not logged in, still loading."""


class CacheLeftAlone(CacheUnavailable):
    """The cache was not asked for this: it is down, or what it has may be stale."""


class CacheNotUnderstood(CacheUnavailable):
    """What came back is no answer that a server gives to that: it would come again."""


class CacheRefused(CacheError):
    """The cache answers, but will not do this: out of memory, read-only, no permission."""


class CopyTooLarge(CacheRefused):
    """What is cached is longer than anything that is read; what was asked for was sent."""


class ExperimentFailed(HitmissError):
    """A load or a scenario of the Lab could not be run to its end."""


class DatabaseUnavailable(HitmissError):
    """The database cannot be used, or did not answer in time."""


class DatabaseMoved(DatabaseUnavailable):
    """The database file no longer lies where it was opened: it was not asked."""


class DemoError(HitmissError):
    """The script of a demonstration is not there, or cannot be understood."""
