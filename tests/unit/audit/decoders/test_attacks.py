"""Payloads that were made to take time or memory, or to run something."""

import base64
import gzip
import json
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import cramjam
import pytest

from tui.audit.decoders import decode
from tui.audit.extent import MOST_VALUES

MIB = 1 << 20
MOST = 16 * MIB
MEMORY = 768 * MIB
"""Bytes of addresses for the whole process, libraries and a payload of 16 MiB with them."""
SECONDS = 10
"""Of the processor for each payload: they take two at most, on a machine that is not slow."""
PROGRAM = f"""
import base64, json, resource, sys
from tui.audit.decoders import UnreadablePayload, decode
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
for line in sys.stdin:
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + {SECONDS}, -1))
    try:
        shown = len(json.dumps(decode(base64.b64decode(line), {MOST}).value))
        print("read", shown, flush=True)
    except UnreadablePayload as error:
        print(type(error).__name__, error, flush=True)
"""
HEAD = b"\x80\x04"
LONG_TEXT = b"\x8d" + MIB.to_bytes(8, "little") + b"x" * MIB
"""A text of a mebibyte, on the stack of a pickle."""


def doubled(begin: bytes, double: bytes, times: int) -> bytes:
    """Return a pickle in which each value is twice the one before."""
    return HEAD + begin + double * times + b"."


def referred(value: bytes, each: bytes, count: int = 50_000) -> bytes:
    """Return a pickle of a value, and of a list of what is made of it so often."""
    return HEAD + value + b"\x940](" + each * count + b"e."


PICKLES = {
    "ends in a memo of 2**31": b"\x80\x02Nr\xff\xff\xff\x7f.",
    "recalls 2**31": b"\x80\x02j\xff\xff\xff\x7f.",
    "a text of 2**60 bytes": b"\x80\x04\x8d" + b"\xff" * 7 + b"\x0f.",
    "a number of 2 GiB": b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "bytes of 2**60": b"\x80\x05\x96" + b"\xff" * 7 + b"\x0f.",
    "a frame that lies": b"\x80\x04\x95" + b"\xff" * 7 + b"\x0f" + b"N.",
    "tuples that double": doubled(b")", b"2\x86", 60),
    "lists that double": doubled(b"]", b"2\x86", 60),
    "tuples that double as a key": HEAD + b"}" + b")" + b"2\x86" * 60 + b"Ns.",
    "tuples that double in a set": HEAD + b"\x8f(" + b")" + b"2\x86" * 60 + b"\x90.",
    "very deep": HEAD + b")" + b"\x85" * 400_000 + b".",
    "very deep calls": HEAD + b"cx\nY\n" + b")R" * 200_000 + b".",
    "a call of a call": HEAD + b"cx\nY\n" + b"\x85cx\nY\n2\x93".join([b""] * 3) + b".",
    "a million numbers": pickle.dumps(list(range(10**6))),
    "a million lists": HEAD + b"](" + b"]" * 10**6 + b"e.",
    "values that are dropped": HEAD + b"N0" * (4 * MIB) + b"N.",
    "marks": HEAD + b"(" * (8 * MIB) + b".",
    "digits of protocol 0": b"(lp0\nL" + b"9" * 10**6 + b"L\na.",
    "a digital index": b"\x80\x02Np" + b"9" * 10**6 + b"\n.",
    "a real of digits": b"(lp0\nF" + b"9" * 10**6 + b"\na.",
    "a number of a mebibyte": referred(
        b"\x8b" + MIB.to_bytes(4, "little") + b"\x7f" * MIB, b"h\x00"
    ),
    "a long text again and again": referred(LONG_TEXT, b"h\x00"),
    "long names": referred(LONG_TEXT, b"h\x00h\x00\x93"),
    "long bytes as keys": HEAD
    + b"B"
    + struct.pack("<I", MIB)
    + b"x" * (MIB - 1)
    + b"\xff\x940}("
    + b"h\x00N" * 50_000
    + b"u.",
    "long texts that are encoded": referred(LONG_TEXT, b"c_codecs\nencode\nh\x00\x85R"),
    "long arguments": referred(b"(" + b"N" * 50_000 + b"t", b"c__builtin__\nset\nh\x00R"),
    "long arguments of a class": referred(
        b"(cx\nY\n" + b"N" * 50_000 + b"t", b"ccopy_reg\n__newobj__\nh\x00R", 25_000
    ),
    "long arguments of a moment": referred(
        b"(" + b"N" * 50_000 + b"t", b"cdatetime\ndatetime\nh\x00R"
    ),
    "a long state": referred(
        b"}("
        + b"".join(b"\x8c\x06_%05dN" % number for number in range(40_000))
        + b"\x8c\x01aNu",
        b"cx\nY\n)\x81h\x00b",
        20_000,
    ),
    "long exact numbers": referred(LONG_TEXT, b"cdecimal\nDecimal\nh\x00\x85R", 25_000),
    "states of states": HEAD + b"cx\nY\n)\x81" + b"2b" * 10_000 + b".",
}
OTHERS = {
    "maps of MessagePack": b"\xdd\x00\xf0\x00\x00" + b"\x80" * 0xF00000,
    "a length of MessagePack": b"\xdd\xff\xff\xff\xff\xc0",
    "deep MessagePack": b"\x91" * MIB,
    "deep JSON": b"[" * MIB,
    "arrays of PHP": b"a:2000000:{" + b"".join(b"i:%d;a:0:{}" % one for one in range(10**6)),
    "doubling PHP": b"a:60:{i:0;a:0:{}"
    + b"".join(
        b"i:%d;a:2:{i:0;r:%d;i:1;r:%d;}" % (one, *[max(2, 3 * one - 3)] * 2)
        for one in range(1, 60)
    )
    + b"}",
    "a long text of PHP": b'a:50001:{i:0;s:1048576:"'
    + b"x" * MIB
    + b'";'
    + b"".join(b"i:%d;R:2;" % one for one in range(1, 50_001))
    + b"}",
    "a length of PHP": b's:9999999999:"x',
    "many escapes of PHP": b"a:250:{"
    + b"".join(b'i:%d;S:65000:"' % one + b"a" * 65_000 + b'";' for one in range(250))
    + b"}",
    "names of a proxy of Java": gzip.compress(
        b"\xac\xed\x00\x05\x7d" + struct.pack(">i", 8 * MIB - 100) + bytes(16 * MIB - 200)
    ),
    "escapes of PHP": b'S:16000000:"' + b"x" * (15 * MIB),
    "arrays of Ruby": b"\x04\x08[\x04\xff\xff\xff\x3f" + b"[\x00" * (4 * MIB),
    "deep Ruby": b"\x04\x08" + b"[\x06" * MIB,
    "doubling Ruby": b"\x04\x08[\x41"
    + b"[\x00"
    + b"".join(b"[\x07@%c@%c" % (one + 5, one + 5) for one in range(1, 60)),
    "a long symbol of Ruby": b"\x04\x08[\x03\xff\xff\x00:\x03\x00\x00\x10"
    + b"x" * MIB
    + b";\x00" * 65_534,
    "objects of Java": b"\xac\xed\x00\x05ur\x00\x13[Ljava.lang.Object;"
    + bytes(8)
    + b"\x02\x00\x00xp\x7f\xff\xff\xff"
    + b"q\x00\x7e\x00\x00" * (2 * MIB),
    "a length of Java": b"\xac\xed\x00\x05ur\x00\x02[I"
    + bytes(8)
    + b"\x02\x00\x00xp\x7f\xff\xff\xff"
    + b"\x00" * 64,
    "a long text of Java": b"\xac\xed\x00\x05|"
    + MIB.to_bytes(8)
    + b"x" * MIB
    + b"q\x00\x7e\x00\x00" * 50_000,
    "resets of Java": b"\xac\xed\x00\x05" + b"y" * MIB,
    "a bomb of gzip": gzip.compress(bytes(MOST + 1)),
    "a bomb in a bomb": gzip.compress(gzip.compress(bytes(200 * MIB), 1)),
    "a bomb of zstd": bytes(cramjam.zstd.compress(bytes(64 * MIB))),
    "a bomb of brotli": bytes(cramjam.brotli.compress(bytes(64 * MIB))),
    "a bomb of lz4": bytes(cramjam.lz4.compress(bytes(64 * MIB))),
    "a window of zstd": b"\x28\xb5\x2f\xfd\x00\x88" + b"\x19\x00\x00abc",
    "a length of snappy": b"\xff\xff\xff\xff\x0f" + b"\x00" * 64,
    "a length of lz4": b"\x00\x00\x00\x7f" + b"\x00" * 64,
    "rails in rails": b"\x00\x11\x01" + bytes(8) + b"\xff" * 4 + b"\x00" * 64,
}
ATTACKS = PICKLES | OTHERS
READ = {"a frame that lies", "a number of a mebibyte"}


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What a process with little memory and time says of each payload."""
    lines = b"\n".join(map(base64.b64encode, ATTACKS.values())) + b"\n"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=lines,
        capture_output=True,
        timeout=300,
        check=False,
    )
    said = done.stdout.decode().splitlines()
    survived = dict(zip(ATTACKS, said, strict=False))
    assert len(said) == len(ATTACKS), (list(ATTACKS)[len(said)], survived, done.stderr[-500:])
    return survived


@pytest.mark.parametrize("name", ATTACKS)
def test_no_payload_takes_memory_or_time(told: dict[str, str], name: str) -> None:
    """It is refused with a reason, or read; and what was read can be shown."""
    said = told[name]
    assert said.startswith(("UnreadablePayload ", "TooManyValues ", "read ")), said
    if said.startswith("read "):
        assert int(said.split()[1]) <= 8 * MOST


@pytest.mark.parametrize(
    "name",
    [
        "a million numbers",
        "a million lists",
        "tuples that double",
        "tuples that double as a key",
    ],
)
def test_values_are_counted(told: dict[str, str], name: str) -> None:
    """More than MOST_VALUES are not taken apart, however few bytes say them."""
    assert told[name] == f"TooManyValues it has more than {MOST_VALUES:,} values"


def test_nothing_is_imported_or_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a module that would do something when imported, nor a function."""
    did = tmp_path / "did"
    (tmp_path / "hostile_module.py").write_text(f"open({str(did)!r}, 'w')\nclass A: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    touch = f"touch {did}"
    payloads = [
        b"\x80\x02chostile_module\nA\n)\x81}b.",
        b"(ihostile_module\nA\n.",
        b"chostile_module\nA\n.",
        b"\x80\x04\x8c\x0ehostile_module\x8c\x01A\x93)R.",
        b"cos\nsystem\n(S'%s'\ntR." % touch.encode(),
        b"cposix\nsystem\n(V%s\ntR." % touch.encode(),
        b"c__builtin__\neval\n(V__import__('os').system('%s')\ntR." % touch.encode(),
        b"cos\nsystem\n(c__builtin__\ngetattr\n(cos\nV%s\ntRtR." % touch.encode(),
        b"\x80\x02c__builtin__\ngetattr\nc__builtin__\n__import__\nU\x02os\x85RU\x06system\x86RU"
        + bytes([len(touch)])
        + touch.encode()
        + b"\x85R.",
        pickle.dumps({"key": _Touching(touch)}),
    ]
    modules = set(sys.modules)
    for payload in payloads:
        for one in (payload, gzip.compress(payload), b"!" + payload):
            try:
                json.dumps(decode(one, MOST).value)
            except ValueError:
                continue
    assert not did.exists()
    assert "hostile_module" not in set(sys.modules) - modules
    pickle.loads(payloads[-1])
    assert did.exists(), "the attack is none"


class _Touching:
    """What makes a file when it is unpickled."""

    def __init__(self, command: str) -> None:
        """Keep the command that does it."""
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Be a call of os.system."""
        return os.system, (self.command,)
