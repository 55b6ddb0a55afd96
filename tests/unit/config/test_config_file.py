"""The configuration file: where it is found, and what is said of one that cannot be read."""

import os
import sys
from pathlib import Path

import pytest

from tui.config.config_file import read_file
from tui.runtime.errors import SettingsError


def test_the_file_is_toml(tmp_path: Path) -> None:
    """A named file gives its options and its name."""
    path = tmp_path / "my.toml"
    path.write_text('ttl = "5m"\nread-only = true\n')
    assert read_file(path) == ({"ttl": "5m", "read-only": True}, str(path))


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """Only the one in the platform's folder may be missing."""
    with pytest.raises(SettingsError, match="no such file"):
        read_file(tmp_path / "my.toml")
    assert read_file(None)[0] == {}


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have other folders")
def test_the_platform_s_folder_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without --config it is hitmiss/config.toml in the folder for settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "hitmiss").mkdir()
    (tmp_path / "hitmiss" / "config.toml").write_text("ttl = 7")
    assert read_file(None) == ({"ttl": 7}, str(tmp_path / "hitmiss" / "config.toml"))


@pytest.mark.parametrize("content", [b"ttl = ", b"ttl", b"\xff\xfe", b"a = 1\na = 2", b"\0"])
def test_a_file_that_is_not_toml_is_an_error(tmp_path: Path, content: bytes) -> None:
    """The message names the file."""
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"my\.toml: not a TOML file"):
        read_file(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file")
def test_a_file_without_an_end_is_an_error() -> None:
    """No more of it is read than a configuration file can have."""
    with pytest.raises(SettingsError, match=r"^/dev/zero: more than 1,000,000 bytes"):
        read_file(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = " + "[" * 100_000, "more than 32 brackets"),
        ("a" + ".a" * 2_000 + " = 1", "more than 16 parts"),
        ("." * 400_000, "more than 16 parts"),
        ("ttl = 0x" + "f" * 100_000, "more than 1,000 characters"),
    ],
)
def test_a_file_that_takes_too_long_is_an_error(
    tmp_path: Path, content: str, message: str
) -> None:
    """Deep or long TOML is refused before it is parsed, in one short line."""
    path = tmp_path / "my.toml"
    path.write_text(content)
    with pytest.raises(
        SettingsError, match=rf"my\.toml: not a TOML file: .*{message}"
    ) as error:
        read_file(path)
    assert len(str(error.value)) < 500


def test_a_pipe_that_nobody_writes_is_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for, but not for ever; a shell that completes does not even open it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    monkeypatch.setattr("tui.runtime.bounded_file.PIPE_SECONDS", 0.01)
    with pytest.raises(SettingsError, match="pipe: cannot be read: it did not end within"):
        read_file(path)
    with pytest.raises(SettingsError, match="pipe: cannot be read: it is no regular file"):
        read_file(path, streams=False)
    monkeypatch.setattr("tui.config.config_file.config_path", lambda: path)
    with pytest.raises(SettingsError, match="pipe: cannot be read: it is no regular file"):
        read_file(None)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What cannot be read says why."""
    with pytest.raises(SettingsError, match="cannot be read"):
        read_file(tmp_path)
