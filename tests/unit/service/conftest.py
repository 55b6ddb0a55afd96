"""Each test of the service with a cache that takes leases along, and one that does not."""

import pytest
from fakes import Bench


@pytest.fixture(params=[True, False], ids=["one trip", "two trips"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """A service over hand-written fakes, whose cache takes leases along, or not."""
    bench = Bench()
    bench.cache.one_trip = request.param
    return bench
