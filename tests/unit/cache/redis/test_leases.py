"""Where the leases lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from tui.cache.redis.leases import lease_key
from tui.models.keys import KeyTemplate, is_reserved


@pytest.mark.parametrize(
    ("value_key", "lease"),
    [
        ("hitmiss:user:1", "{hitmiss:user:1}:hitmiss-lease"),
        ("app:{user}:1", "app:{user}:1:hitmiss-lease"),
        ("app:{1}", "app:{1}:hitmiss-lease"),
        ("open{1", "{open{1}:hitmiss-lease"),
        ("a}b", "{aBDF@}b}:hitmiss-lease"),
    ],
)
def test_a_lease_lives_in_the_slot_of_its_value(value_key: str, lease: str) -> None:
    """Redis Cluster hashes both keys by the same text, so that one script may use both."""
    assert lease_key(value_key) == lease
    assert key_slot(lease.encode()) == key_slot(value_key.encode())


HOSTILE = st.text(st.sampled_from("{}{}ab:é*\0") | st.characters(exclude_categories=["Cs"]))
"""Ids with braces in every order, and whatever else is Unicode."""


@given(
    st.sampled_from(["{id}", "a:{id}", "a}{id}", "{}:{id}", "{{id}}", "{t}:{id}", "{id}}"]),
    HOSTILE,
)
def test_every_lease_lives_in_the_slot_of_its_value(template: str, id: str) -> None:
    """Whatever the id is, a cluster keeps both keys together, and neither is the other kind."""
    keys = KeyTemplate(template)
    value_key = keys.value_key(id)
    lease = lease_key(value_key)
    assert key_slot(lease.encode()) == key_slot(value_key.encode())
    assert is_reserved(lease)
    assert keys.id_of(lease, integer=False) is None


@given(HOSTILE, HOSTILE)
def test_records_of_a_template_have_leases_of_their_own(one: str, other: str) -> None:
    """No two ids under a template that begins with a word share a lease."""
    keys = KeyTemplate("app:{id}")
    leases = {lease_key(keys.value_key(id)) for id in (one, other)}
    assert len(leases) == len({one, other})
