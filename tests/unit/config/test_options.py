"""Every option of the table works in each place where it may stand."""

from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from tui.cli.options import common_options, settings_of
from tui.config.kinds import flag
from tui.config.options import OPTIONS, SETTABLE, Option
from tui.config.settings import Settings, resolve
from tui.runtime.plain_text import SPELLING

SAMPLES = {
    "PATH": "a.db", "URL": "redis://h", "NAME": "id", "TEMPLATE": "a:{id}", "TIME": "7",
    "N": "7", "SIZE": "7kB", "FILE": "no.file", "REGEX": "[a-z]+", "POINTER": "/data/a~1b",
    "FIELD=COLUMN": "createdAt=created_at", "ZONE": "Europe/Berlin", "SIGNS": "blocks",
}  # fmt: skip
"""A value of each kind, by what stands for it in the help."""
OF_OPTION = {"db": "a.db"}
"""A value of an option whose kind's own is none for it."""
ON_COMMAND_LINE = [one for one in OPTIONS if one.on_command_line and one.in_file]


@pytest.fixture(autouse=True)
def spelling_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--ascii` and `--charts` hold for a process, which goes on with other tests here."""
    for name in ("ascii", "blocks"):
        monkeypatch.setattr(SPELLING, name, getattr(SPELLING, name))


def told(arguments: Sequence[str]) -> Settings:
    """Return the settings that a command has which is given these arguments."""
    made: list[Settings] = []

    @click.command()
    @common_options
    @click.pass_context
    def command(context: click.Context) -> None:
        made.append(settings_of(context))

    command.main(list(arguments), standalone_mode=False)
    return made[0]


def sample(option: Option) -> str:
    """Return a value that the option takes, which is no flag."""
    return OF_OPTION.get(option.name) or SAMPLES[option.metavar or ""]


def meant(option: Option) -> object:
    """Return what the sample of an option means."""
    return option.read(True if option.metavar is None else sample(option))


def test_the_settings_have_a_field_for_each_option() -> None:
    """They have no other but where the values came from."""
    assert set(Settings.__struct_fields__) == {one.field for one in SETTABLE.values()} | {
        "sources"
    }
    assert len(SETTABLE) + 1 == len(OPTIONS)


@pytest.mark.parametrize("option", ON_COMMAND_LINE, ids=lambda one: one.name)
def test_a_flag_sets_its_option(option: Option) -> None:
    """It is called as the option is, and takes what the file takes."""
    value = [] if option.metavar is None else [sample(option)]
    settings = told([f"--{option.name}", *value])
    assert getattr(settings, option.field) == meant(option)
    assert settings.sources[option.name] == "flag"
    if option.opposite is not None:
        assert getattr(told([f"--{option.opposite}"]), option.field) is False


@pytest.mark.parametrize("option", ON_COMMAND_LINE, ids=lambda one: one.name)
def test_each_of_its_variables_sets_an_option(
    option: Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is called as hitmiss and the option are, with underscores."""
    assert option.variables[0] == f"HITMISS_{option.name.replace('-', '_').upper()}"
    for variable in reversed(option.variables):
        monkeypatch.setenv(variable, "1" if option.metavar is None else sample(option))
        settings = told([])
        assert getattr(settings, option.field) == meant(option)
        assert settings.sources[option.name] in {"environment", variable}
        monkeypatch.delenv(variable)


@pytest.mark.parametrize("option", ON_COMMAND_LINE, ids=lambda one: one.name)
def test_the_file_sets_an_option(option: Option, tmp_path: Path) -> None:
    """It is called as its flag is, without dashes in front."""
    path = tmp_path / "config.toml"
    value = "true" if option.metavar is None else f'"{sample(option)}"'
    path.write_text(f"{option.name} = {value}\n")
    settings = told(["--config", str(path)])
    assert getattr(settings, option.field) == meant(option)
    assert settings.sources[option.name] == str(path)


@pytest.mark.parametrize("option", SETTABLE.values(), ids=lambda one: one.name)
def test_a_default_is_a_value_that_could_be_given(option: Option) -> None:
    """What the table has as the default means the same when somebody gives it."""
    given = resolve({option.name: option.default}, {}, {}, "no file")
    assert getattr(given, option.field) == getattr(resolve({}, {}, {}, ""), option.field)


def test_the_help_says_what_is_the_default() -> None:
    """A flag that is off by default says nothing, and a file that is none neither."""
    silent = {one.name for one in SETTABLE.values() if not one.shown_default}
    off = {one.name for one in SETTABLE.values() if one.kind is flag and not one.default}
    assert silent == off - {"read-only", "ascii"} | {"log", "keys"}
