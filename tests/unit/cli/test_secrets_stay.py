"""A server that repeats the password in every error is not repeated by hitmiss."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from echoing import echoing
from files import make_file

from tui.cli.main import run
from tui.runtime import redaction
from tui.runtime.plain_text import plain

MISPLACED = [
    "redis://app:s3cretpw1@h:6379", "redis://:my s3cret@h", "redis://app:it's-s3cret@h",
    'redis://app:a"s3cret@h', "redis://app:s3cret//x@h", "redis://app:s3cret\t1@h",
    "redis://app:s3cret\n1@h", "redis:app:s3cretpw1@h", "//app:s3cretpw1@h/x",
    "redis:/:s3cret@h",
    "unix:app:s3cret@/x", "redis://s3cretpw1@h", "redis://h/0?password=s3cret2",
    "redis-cli -u redis://default:s3cret@h:1", "mongodb://u:s3cret@h", "redis://a:s3cret@x@h",
    "app:s3cretpw1@h:6379", "embedded:s3cret@", "redis://u:p@h:1?s3cret2", "redis://u@h?ssl=s3cret2",
]  # fmt: skip
PASSWORD = "t0p S3cret/é\"x'"


@pytest.fixture(params=["refuses", "takes"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of such a server, which refuses AUTH or takes it."""
    with echoing(takes_login=request.param == "takes") as path:
        yield f"unix://{quote('josé')}:{quote(PASSWORD, safe='')}@{path}"


@pytest.mark.parametrize(
    "command",
    [
        ["get", "1", "2"], ["get", "1", "--read-only"], ["keys"], ["audit"], ["doctor"],
        ["doctor", "--read-only"], ["invalidate", "1"], ["set", "1", "city=Lagos"],
        ["bench", "--seconds", "0.2", "--yes"], ["bench", "stampede", "--yes"],
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("flags", [[], ["--json"], ["--debug"]], ids=str)
@pytest.mark.slow
def test_no_command_says_it(
    url: str,
    command: list[str],
    flags: list[str],
    seeded: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Neither the password nor a telling part of it is printed or logged."""
    log = tmp_path / "log"
    run([*command, "--db", str(seeded), "--cache", url, "--log", str(log), *flags])
    out, err = capfd.readouterr()
    said = out + err + (log.read_text() if log.exists() else "")
    assert said
    part = PASSWORD[: len(PASSWORD) // 2 + 2]
    for written in (
        PASSWORD, part, quote(PASSWORD, safe=""), quote(part, safe=""),
        repr(PASSWORD.encode())[2:-1], json.dumps(PASSWORD)[1:-1], plain(PASSWORD),
    ):  # fmt: skip
        assert written not in said


@pytest.mark.slow
def test_a_login_is_refused_in_our_own_words(
    seeded: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of the reply to AUTH nothing is shown, the user's name neither."""
    with echoing(takes_login=False) as path:
        url = f"unix://josefine:{quote(PASSWORD, safe='')}@{path}"
        for command in (["get", "1"], ["keys"]):
            run([*command, "--db", str(seeded), "--cache", url])
            out, err = capfd.readouterr()
            assert "takes no user and password" in out + err
            assert "josefine" not in out + err
            assert "unknown command" not in out + err


def test_a_short_password_withholds_what_was_said(
    seeded: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """And tears no key and no record apart."""
    with echoing(takes_login=True) as path:
        url = f"unix://:user@{path}"
        run(["get", "1", "--json", "--db", str(seeded), "--cache", url])
        (answer,) = map(json.loads, capfd.readouterr().out.splitlines())
    assert answer["reason"] == f"the cache refuses: {redaction.WITHHELD}"
    assert " hitmiss:user:1 " in answer["steps"][0]["command"]
    assert answer["record"]["id"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["URL"], ["--db", "URL", "get", "1"], ["--config", "URL", "get", "1"], ["get", "URL"],
        ["--ttl", "URL", "get", "1"], ["demo", "URL"], ["get", "1", "--log", "URL"],
        ["keys", "--table", "URL", "--debug"], ["audit", "--key", "URL"], ["seed", "URL/x"],
        ["get", "1", "--cahce=URL"], ["--id-column", "URL", "get", "1"], ["set", "1", "URL=x"],
        ["get", "1", "--max-value", "URL"], ["keys", "--json", "--debug", "--db", "URL"],
        ["--cache", "URL?db=x", "get", "1"],
        *(["doctor", *flags, option, "URL"] for flags in ([], ["--json"]) for option in (
            "--db", "--log", "--key", "--theme", "--config", "--log-rows",
        )),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("url", MISPLACED)
def test_a_url_in_the_wrong_place_keeps_its_password(
    url: str,
    arguments: list[str],
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who forgets `--cache` is told what is wrong, and not the password."""
    monkeypatch.chdir(tmp_path)
    assert run([word.replace("URL", url) for word in arguments]) in {0, 1, 2, 3}
    out, err = capfd.readouterr()
    assert out + err
    assert "s3cret" not in out + err


@pytest.mark.parametrize("name", ["HITMISS_DB", "HITMISS_THEME", "HITMISS_LOG", "REDIS_URL"])
def test_a_url_in_the_wrong_variable_keeps_its_password(
    name: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment gives is known before anything is said."""
    monkeypatch.setenv(name, "redis://:my s3cret@h:x")
    run(["doctor"])
    assert "s3cret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("name", ["db", "theme", "log", "table", "key"])
def test_a_url_in_the_wrong_line_of_the_file_keeps_its_password(
    name: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What the configuration file gives is known too."""
    config = tmp_path / "config.toml"
    config.write_text(f'{name} = "redis://:it\'s s3cret@h"\n')
    for command in (["doctor"], ["doctor", "--json"], ["get", "1", "--debug"]):
        run([*command, "--config", str(config)])
        assert "s3cret" not in "".join(capfd.readouterr())


def test_keys_that_are_urls_are_shown_as_they_are(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A key of a record is no secret, whatever it looks like."""
    path = make_file(tmp_path / "a.db", "CREATE TABLE t (k TEXT PRIMARY KEY, v)")
    key = "https://example.com/a:b/@s3cret"
    run(["get", key, "--db", str(path), "--table", "t", "--key", "t:{id}", "--json"])
    assert json.loads(capfd.readouterr().out)["id"] == key
