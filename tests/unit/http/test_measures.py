"""What Prometheus is told, read by its own parser."""

from collections.abc import Mapping

import pytest
from asking import Asker, site_of
from fakes import Bench
from prometheus_client.parser import text_string_to_metric_families

from tui.http.measures import BOUNDS, Measures
from tui.models import Label, Outcome
from tui.service.breaker import BreakerState

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Return each value by its name and labels."""
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def said(measures: Measures, about: Mapping[str, str]) -> Samples:
    """Return what is told where nothing is pending."""
    return samples(
        measures.exposition(
            pending=0, breaker=BreakerState.CLOSED, connections=0, refused={}, about=about
        )
    )


def value(found: Samples, name: str, **labels: str) -> float:
    """Return one of them."""
    return found[name, frozenset(labels.items())]


async def test_it_counts_what_was_answered() -> None:
    """By outcome and by status; each outcome is there from the start."""
    bench = Bench()
    asker = Asker(site_of(bench), bench)
    for path in ("/users/1", "/users/1", "/users/7", "/nothing"):
        await asker.get(path)
    got = await asker.get("/metrics")
    assert got.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = samples(got.body.decode())
    counted = {
        label: value(found, "hitmiss_lookups_total", outcome=label.value) for label in Label
    }
    assert {label: count for label, count in counted.items() if count} == {
        Label.HIT: 1, Label.DB: 1, Label.NOT_FOUND: 1,
    }  # fmt: skip
    assert value(found, "hitmiss_http_requests_total", status="404") == 2
    assert value(found, "hitmiss_pending_deletes") == 0
    assert value(found, "hitmiss_breaker_state", state="closed") == 1


async def test_an_outage_is_told() -> None:
    """What is pending is counted, and of the breaker's states one is 1."""
    bench = Bench()
    asker = Asker(site_of(bench), bench)
    bench.cache.down = "Connection refused"
    await bench.service.writer.invalidate(1)
    for _ in range(3):
        await asker.get("/users/1")
    found = samples((await asker.get("/metrics")).body.decode())
    assert value(found, "hitmiss_pending_deletes") == 1
    states = [value(found, "hitmiss_breaker_state", state=one.value) for one in BreakerState]
    assert dict(zip(BreakerState, states, strict=True))[BreakerState.OPEN] == 1
    assert sum(states) == 1


def test_durations_are_a_histogram() -> None:
    """Each bucket holds those below it, up to its bound; the last holds all."""
    measures = Measures()
    for seconds in (0.0001, 0.00011, 0.3, 99.0):
        measures.add(Outcome(1, Label.HIT, {}, seconds=seconds))
    found = said(measures, {})
    name = "hitmiss_lookup_duration_seconds"
    buckets = [
        value(found, f"{name}_bucket", outcome="HIT", le=le)
        for le in (*map(repr, BOUNDS), "+Inf")
    ]
    assert buckets == sorted(buckets)
    assert (buckets[0], buckets[1], buckets[-2], buckets[-1]) == (1, 2, 3, 4)
    assert value(found, f"{name}_count", outcome="HIT") == 4
    assert value(found, f"{name}_sum", outcome="HIT") == pytest.approx(99.30021)
    assert value(found, f"{name}_count", outcome="STALE") == 0


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", 'x"} 1\nevil 1', "é日本", "\\n", "{}"])
def test_names_are_labels_and_nothing_else(name: str) -> None:
    """The parser reads what was put in, and no sample more."""
    found = said(Measures(), {"table": name})
    assert value(found, "hitmiss_build_info", table=name) == 1
    assert all(one.startswith("hitmiss_") for one, _ in found)
