"""One key in several spellings."""

import uuid

import pytest

from tui.models.spelling import (
    canonical,
    is_same_key,
    is_uuid,
    spelled_like,
    spellings,
    text_of,
)

ID = uuid.UUID("3430b28f-c298-4294-ab74-d146c13db601")


@pytest.mark.parametrize(
    "text", [str(ID), ID.hex, str(ID).upper(), ID.hex.upper(), f"{{{ID}}}", ID.urn]
)
def test_a_uuid_is_found_however_it_is_kept(text: str) -> None:
    """All its usual spellings are tried but the one at hand, and bytes in both orders."""
    usual: set[str | bytes] = {str(ID), ID.hex, str(ID).upper(), ID.hex.upper()}
    assert set(spellings(text)) == (usual - {text}) | {ID.bytes, ID.bytes_le}
    assert canonical(text) == str(ID)
    assert is_same_key(text, str(ID))


@pytest.mark.parametrize("text", ["", "ada", "3430b28f-c298", str(ID) + "0", f"{ID}\n", "ключ"])
def test_another_text_has_one_spelling(text: str) -> None:
    """What is neither a uuid nor hex digits is only itself."""
    assert spellings(text) == []
    assert canonical(text) == text


def test_other_bytes_are_written_in_hex_digits() -> None:
    """They are found by them, in either case."""
    assert text_of(b"\x00\xab\x10") == "00ab10"
    assert spellings("00AB10") == spellings("0x00ab10") == [b"\x00\xab\x10"]
    assert text_of(ID.bytes) == str(ID)
    assert text_of(b"") == ""


@pytest.mark.parametrize(
    "alike", [str(ID), ID.hex, str(ID).upper(), ID.hex.upper(), f"{{{ID}}}", ID.urn]
)
def test_a_uuid_takes_the_spelling_of_another(alike: str) -> None:
    """Dashes, case, braces and prefix are those of the other one, whatever its own are."""
    other = uuid.UUID(int=ID.int + 1)
    expected = alike.replace("b601", "b602").replace("B601", "B602")
    for text in (str(other), other.hex.upper(), f"{{{other}}}", other.urn):
        assert is_uuid(text)
        assert spelled_like(alike, text) == expected
