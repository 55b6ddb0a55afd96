"""What a server says comes without the password, however it is written."""

import json
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.runtime.redaction import MASK, WITHHELD, Secrets

SECRET = 'S3crét/pass"w\\rd\n'


def knowing(secret: str) -> Secrets:
    """Return what knows one password."""
    secrets = Secrets()
    secrets.learn(secret)
    return secrets


@pytest.mark.parametrize(
    "written",
    [
        SECRET, SECRET.upper().replace("É", "é"), quote(SECRET), quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(), repr(SECRET), repr(SECRET.encode())[1:],
        json.dumps(SECRET),
        SECRET.encode().decode("latin-1"), 'S3cr\\xc3\\xa9t/pass\\"w\\\\rd\\n', SECRET[:12],
        SECRET.encode().hex(),
    ],
)  # fmt: skip
def test_no_spelling_gets_through(written: str) -> None:
    """Raw, percent-encoded, quoted, as bytes or cut off: a mask stands in its place."""
    said = knowing(SECRET).redacted(f"unknown command AUTH {written} app")
    assert said.replace("'", "").replace('"', "") == f"unknown command AUTH {MASK} app"


def test_it_is_masked_each_time() -> None:
    """Twice in a text, beside itself and at both ends."""
    assert (
        knowing("hunter2!").redacted("hunter2!hunter2! x hunter2!") == f"{MASK}{MASK} x {MASK}"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("'correcthorseba'", "'***'"), ("..tteryStaple!", "..***"), ("x rseBATTe y", "x *** y"),
        ("correcthorse, hors", "***, hors"), ("rsebatte rsebatte", "*** ***"),
        ("correctHorsebatteryStaple!rsebatte", "******"), ("horseba", "horseba"),
    ],
)  # fmt: skip
def test_no_part_that_tells_gets_through(said: str, shown: str) -> None:
    """Eight characters in a row from anywhere in it are masked, however it was cut."""
    assert knowing("correctHorseBatteryStaple!").redacted(said) == shown


@pytest.mark.parametrize("text", ["", "wrong password", "hunting", "connection refused"])
def test_other_texts_stay(text: str) -> None:
    """What holds no secret is as it was."""
    assert knowing("hunter2!hunter2!").redacted(text) == text


def test_a_short_one_withholds_the_text() -> None:
    """Where `app` is the password, what holds `app` is not shown, and the rest is."""
    secrets = knowing("app")
    assert secrets.redacted("no command with App in it") == WITHHELD
    assert secrets.redacted("no such command") == "no such command"


def test_a_url_tells_its_password() -> None:
    """As it stands in the URL, and as it is sent."""
    secrets = Secrets()
    secrets.learn_url("redis://app:p%40ss%2Fword@host:6379/0")
    secrets.learn_url("redis://[")
    secrets.learn_url("embedded")
    assert secrets.redacted("p%40ss%2fword or p@ss/word, app") == f"{MASK} or {MASK}, app"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no file 'redis://u:p@h:1'", "no file 'redis://***@h:1'"),
        ("redis:/u:p@x@h, a@b", "redis:/***@h, a@b"),
        ("(rediss+cluster:///p@h/1)", "(rediss+cluster:///***@h/1)"),
        ("a:///@b :/c@d e://f", "a:///***@b :/c@d e://f"),
        ("user:a@b", "user:a@b"),
    ],
)
def test_user_and_password_of_any_url_are_masked(said: str, shown: str) -> None:
    """From behind the scheme to the word's last '@', also where a path lost a slash."""
    assert Secrets().masked(said) == shown


@pytest.mark.parametrize(
    "shape", ["a", "a:/", "/", "a:" + "/" * 99, "@", "a@", ":/@", "a.", "é"]
)
@pytest.mark.parametrize("end", ["", "@", ":/", " "])
def test_a_long_text_costs_no_more_than_its_length(shape: str, end: str) -> None:
    """What may be as long as a file is gone through once; in its square this would not end."""
    text = (shape * 200_000)[:200_000] + end
    assert len(knowing("hunter2!").redacted(text)) <= len(text) + len(MASK)


def test_a_secret_that_is_repeated_costs_no_more_than_its_length() -> None:
    """A text that consists of nothing but the password is masked in one go."""
    assert set(knowing("hunter2!").redacted("hunter2!" * 100_000)) == {"*"}


def test_a_password_in_the_place_of_the_user_is_one() -> None:
    """Who left the ':' out has written it there; the name of the usual user tells nothing."""
    secrets = Secrets()
    secrets.learn_url("redis://p%40ssword@host")
    secrets.learn_url("redis://tok3ntoken:@host")
    secrets.learn_url("redis://default@host")
    said = "for p@ssword, tok3ntoken and default@host"
    assert secrets.redacted(said) == f"for {MASK}, {MASK} and {MASK}@host"


@given(st.text(min_size=1), st.text(), st.text())
def test_no_secret_stays(secret: str, before: str, after: str) -> None:
    """Whatever the password and the text, it is not in what is shown."""
    said = knowing(secret).redacted(f"{before}{secret}{after}")
    assert said == WITHHELD or secret not in said.replace(MASK, "")


def test_settings_do_not_show_it() -> None:
    """Where settings are printed, as in a traceback with values, there is no password."""
    from tui.config.settings import resolve

    settings = resolve({"cache": "redis://app:hunter2!@host", "table": "orders"}, {}, {}, "")
    assert "hunter2" not in repr(settings)
    assert "orders" in repr(settings)
    assert traceback.format_exception(ValueError(settings))[-1].count("hunter2") == 0


def test_of_a_database_the_password_alone_is_a_secret() -> None:
    """Who logs in where may be read; not by which password, wherever it stands."""
    secrets = Secrets()
    secrets.learn_database("postgresql://shopkeeper:s3cret-pw@db/shop?password=another-one")
    said = secrets.redacted("shopkeeper at db, s3cret-pw, another-one")
    assert said == f"shopkeeper at db, {MASK}, {MASK}"
    secrets.forget()
    secrets.learn_database("postgresql://postgres@db/postgres")
    assert secrets.redacted("postgres is not there") == "postgres is not there"
