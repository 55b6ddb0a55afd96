"""What is in force here, what works and what does not: checks that change nothing."""

from tui.doctor.diagnose import diagnose
from tui.models.check import Check, State, counted

__all__ = ["Check", "State", "counted", "diagnose"]
