"""The scenarios that there are."""

from collections.abc import Mapping

from tui.lab.cliff import Cliff
from tui.lab.early_refresh import EarlyRefresh
from tui.lab.scenario import Scenario
from tui.lab.stale_write import StaleWrite
from tui.lab.stampede import Stampede

SCENARIOS: Mapping[str, type[Scenario]] = {
    scenario.NAME: scenario for scenario in (Stampede, Cliff, EarlyRefresh, StaleWrite)
}
"""By their names, in the order in which they are best shown."""
