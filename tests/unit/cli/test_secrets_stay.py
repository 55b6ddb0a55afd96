"""A server that repeats the password in every error is not repeated by hitmiss."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from echoing import echoing

from tui.cli.main import run
from tui.runtime import redaction
from tui.runtime.plain_text import plain

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
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_url_in_the_wrong_place_keeps_its_password(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Who forgets `--cache` is told what is wrong, and not the password."""
    url = "redis://app:s3cretpw1@h:6379"
    assert run([url if word == "URL" else word for word in arguments]) in {2, 3}
    out, err = capfd.readouterr()
    assert "s3cret" not in out + err
