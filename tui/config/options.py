"""The table of options, of which flags, variables, file, doctor and documents are made."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Literal

from msgspec import Struct

from tui.config.kinds import (
    SettingKind,
    count,
    duration,
    file_path,
    flag,
    json_pointer,
    keys,
    lasting,
    names,
    one_of,
    pattern,
    size,
    text,
    zone,
)

PREFIX: Final = "HITMISS_"
"""What the names of the environment's variables begin with."""
MOST_LOG_ROWS: Final = 100_000
DATABASE_URL: Final = "DATABASE_URL"
"""The variable by which many programs are told their database."""


class Option(Struct, frozen=True, kw_only=True):
    """What can be set: how it is called everywhere, and what it may be."""

    name: str
    """Its long name, without dashes."""
    kind: SettingKind
    """Returns what a value means, wherever it stands."""
    meaning: str = ""
    """What it is for, as `--help` says it."""
    metavar: str | None = None
    """What stands for its value in `--help`; None where the option is the value."""
    opposite: str | None = None
    """The name of the flag that says the contrary."""
    default: str | bool | Mapping[str, str] | None = None
    """What it is when nobody says anything, as one would write it; None means what the words
    say."""
    default_words: str = ""
    """The default as `--help` says it, where it is not the default itself."""
    more_variables: tuple[str, ...] = ()
    """Variables of others that set it too, where hitmiss' own does not."""
    completes: Literal["file", "table", "column"] | None = None
    """What a shell completes its value with."""
    repeats: bool = False
    """Whether it may be given several times."""
    in_file: bool = True
    """Whether the configuration file may hold it; if not, it is no setting."""
    on_command_line: bool = True
    """Whether a flag and a variable set it."""

    @property
    def field(self) -> str:
        """Its name in the settings."""
        return self.name.replace("-", "_")

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment's variables that set it, the strongest first."""
        return (PREFIX + self.field.upper(), *self.more_variables)

    @property
    def shown_default(self) -> str:
        """The default in words; '' where it goes without saying."""
        return self.default_words or (self.default if isinstance(self.default, str) else "")

    def read(self, value: object) -> Any:
        """Return what `value` means; None stays so where that is the default.

        Raises:
            SettingsError: it has not the form that the option needs.
        """
        return None if value is None and self.default is None else self.kind(self.name, value)


OPTIONS: Final = (
    Option(name="db", kind=text, metavar="URL", completes="file",
           more_variables=(DATABASE_URL,),
           meaning="SQLite file, or postgresql://, mysql://, mariadb://, mongodb:// with user,"
                   " host and database.",
           default_words="a demo database, made on first use"),
    Option(name="cache", kind=text, metavar="URL", default="embedded",
           more_variables=("REDIS_URL",),
           meaning="embedded, redis://, rediss://, unix://, redis+cluster://,"
                   " redis+sentinel:// or memcached://; valkey:// too."),
    Option(name="table", kind=text, metavar="NAME", default="users", completes="table",
           meaning="Table to explore."),
    Option(name="id-column", kind=text, metavar="NAME", completes="column",
           meaning="Its key column.", default_words="the primary key"),
    Option(name="key", kind=text, metavar="TEMPLATE", default="hitmiss:user:{id}",
           meaning="Where the cache keeps a record."),
    Option(name="id-pattern", kind=pattern, metavar="REGEX",
           meaning="What the whole id of a record looks like; other keys are skipped.",
           default_words="any id that the key column could have"),
    Option(name="map", kind=names, metavar="FIELD=COLUMN", default={}, repeats=True,
           default_words="the column of its name, or the one that is alike",
           meaning="Which column a cached field stands for, where the names do not tell; may be"
                   " given several times."),
    Option(name="record-at", kind=json_pointer, metavar="POINTER",
           meaning="Where in a cached value the record is: /data/user (a JSON Pointer).",
           default_words="the value itself, or what a known envelope holds"),
    Option(name="database-zone", kind=zone, metavar="ZONE",
           meaning="Where moments without a zone are meant, in the database and in copies:"
                   " Europe/Berlin, +05:30.", default_words="UTC"),
    Option(name="ttl", kind=partial(lasting, examples="30, 90s, 5m or 1h"), metavar="TIME",
           default="30", meaning="How long a fill stays fresh: 30, 90s, 5m, 1h."),
    Option(name="grace", kind=duration, metavar="TIME", default="30",
           default_words="30; 0 read-only or under an application's keys",
           meaning="How long after that it may stand in for a database that fails."),
    Option(name="negative-ttl", kind=partial(lasting, examples="10 or 30s"), metavar="TIME",
           default="10", meaning="How long 'no such record' is believed."),
    Option(name="read-only", kind=flag, opposite="writable",
           default_words="writable; read-only with --table, --key, or a server's --db",
           meaning="May cache and database be changed?"),
    Option(name="full-output", kind=flag, default=False,
           meaning="Let the explorer send whole widgets, not only the cells that changed."),
    Option(name="plain", kind=flag, default=False,
           meaning="Let the explorer talk in lines, for screen readers and pipes."),
    Option(name="ascii", kind=flag, opposite="no-ascii",
           meaning="Show nothing but ASCII.", default_words="where the locale is not UTF-8"),
    Option(name="charts", kind=partial(one_of, choices=("braille", "blocks")), metavar="SIGNS",
           meaning="Draw lines in charts with braille, or with blocks where a font has none.",
           default_words="braille; blocks on the Linux console"),
    Option(name="log", kind=file_path, metavar="FILE", completes="file",
           meaning="Add what the service does to this file, one JSON object a line."),
    Option(name="json", kind=flag, default=False, meaning="Print one JSON object a line."),
    Option(name="debug", kind=flag, default=False,
           meaning="Show a traceback when something fails."),
    Option(name="log-rows", kind=partial(count, most=MOST_LOG_ROWS), metavar="N",
           default="200", meaning="How many lookups the explorer's log holds."),
    Option(name="max-value", kind=size, metavar="SIZE", default="16MiB",
           meaning="What is longer, a copy or a value of a row, is not read whole: 64KiB,"
                   " 16MiB."),
    Option(name="theme", kind=text, metavar="NAME", meaning="The explorer's colours.",
           default_words="those chosen last, at first hitmiss"),
    Option(name="session", kind=flag, opposite="no-session", default=True,
           default_words="session",
           meaning="Keep the explorer's screen, ttl, theme and what was asked for the next"
                   " run."),
    Option(name="keys", kind=keys, default={}, on_command_line=False),
    Option(name="config", kind=file_path, metavar="FILE", completes="file", in_file=False,
           meaning="Configuration file.",
           default_words="config.toml in the platform's folder"),
)  # fmt: skip

SETTABLE: Final[Mapping[str, Option]] = {one.name: one for one in OPTIONS if one.in_file}
"""Of what the settings are made, by name: all but where the configuration file is."""
