"""Passwords that the URL does not have."""

from pathlib import Path

import pytest

from tui.database.mysql.option_files import login, parsed
from tui.runtime.redaction import SECRETS

FILE = """
# written by hand
[mysqld]
password=servers-own
!includedir /etc/mysql/conf.d/
[client]
user = app
password = "from file #7"
ssl-verify-server-cert
[mysql]
password=of-the-client-only
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nobody's own file be read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MYSQL_PWD", raising=False)
    return tmp_path


def written(home: Path, text: str = FILE, mode: int = 0o600) -> None:
    """Write the option file."""
    path = home / ".my.cnf"
    path.write_text(text)
    path.chmod(mode)


def test_the_url_has_the_first_word(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the option file, as with MySQL's own programs; then the environment."""
    monkeypatch.setenv("MYSQL_PWD", "from environment")
    assert login("app", "from url") == ("app", "from url")
    assert login("app", "") == ("app", "")
    assert login("app", None) == ("app", "from environment")
    written(home)
    assert login("app", None) == ("app", "from file #7")


def test_a_password_is_for_the_user_that_stands_beside_it(home: Path) -> None:
    """For no other; who is not named at all is that user."""
    written(home)
    assert login("other", None) == ("other", "")
    assert login("", None) == ("app", "from file #7")
    assert login("", "from url") == ("", "from url")


def test_a_file_that_everybody_may_write_says_nothing(home: Path) -> None:
    """Nor does one that is not there."""
    assert login("app", None) == ("app", "")
    written(home, mode=0o666)
    assert login("app", None) == ("app", "")


def test_passwords_are_kept_out_of_texts(home: Path) -> None:
    """Wherever they come from."""
    written(home)
    login("app", None)
    assert "from file" not in SECRETS.redacted("it was 'from file #7' again")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("password=plain", "plain"),
        ("password = spaced out ", "spaced out"),
        ("password='in # quotes'", "in # quotes"),
        (r"password=a\\b\s\t", "a\\b \t"),
        ("password=x # behind it", "x"),
        ("password", ""),
        ("password=", ""),
    ],
)
def test_how_values_are_written(line: str, value: str) -> None:
    """With quotes, escapes and comments."""
    assert parsed(f"[client]\n{line}\n")["password"] == value
