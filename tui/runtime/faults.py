"""The faults that can be switched on, to see what an outage does: state that adapters obey."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from tui.runtime.errors import SettingsError
from tui.runtime.patterns import lazily


class Fault(StrEnum):
    """One thing that can go wrong on purpose, on this process's own connections."""

    CACHE_DOWN = "cache-down"
    """Connections to the cache end, and new ones are refused."""
    CACHE_SLOW = "cache-slow"
    """Each answer of the cache comes later."""
    CACHE_REFUSES_WRITES = "cache-refuses-writes"
    """The cache answers each command that writes as one does that takes no writes: a read-only
    replica, or one without memory."""
    DATABASE_SLOW = "database-slow"
    """Each statement begins later."""
    DATABASE_DOWN = "database-down"
    """The database cannot be opened or reached."""

    @property
    def words(self) -> str:
        """Its name for people."""
        return self.value.replace("-", " ")

    @property
    def explanation(self) -> str:
        """What it does, in a few words."""
        return _EXPLANATIONS[self]

    @property
    def in_cache(self) -> bool:
        """Whether the cache is what fails; the database otherwise."""
        return self.value.startswith("cache")


_EXPLANATIONS: Final = {
    Fault.CACHE_DOWN: "connections end, new ones are refused",
    Fault.CACHE_SLOW: "each answer comes later",
    Fault.CACHE_REFUSES_WRITES: "reads go on; writes are refused",
    Fault.DATABASE_SLOW: "each statement begins later",
    Fault.DATABASE_DOWN: "it cannot be opened or reached",
}
LATENCY_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0)
"""The latencies that a person chooses from, in seconds."""
_SPELLED: Final = lazily(r"([a-z-]+)(?:=(\d+(?:\.\d+)?)(ms|s))?")


class Faults:
    """Which faults are on. The adapters look at it at each use; all begin switched off."""

    def __init__(self) -> None:
        """Begin with nothing wrong."""
        self._on: set[Fault] = set()
        self._latencies = {Fault.CACHE_SLOW: 0.1, Fault.DATABASE_SLOW: 0.3}

    @property
    def on(self) -> tuple[Fault, ...]:
        """The faults that are on, in their usual order."""
        return tuple(fault for fault in Fault if fault in self._on)

    @property
    def texts(self) -> list[str]:
        """The faults that are on, each as `read_fault` reads it."""
        latencies = self._latencies
        return [
            f"{fault}={latencies[fault] * 1000:.0f}ms" if fault in latencies else fault.value
            for fault in self.on
        ]

    def follow(self, texts: Iterable[str]) -> None:
        """Switch on those faults, each spelled as in `read_fault`, and all others off.

        Raises:
            SettingsError: one of them cannot be read; then nothing is another than before.
        """
        told = [read_fault(text) for text in texts]
        self.clear()
        for fault, seconds in told:
            if seconds is not None:
                self.set_latency(fault, seconds)
            self.switch(fault, on=True)

    def switch(self, fault: Fault, on: bool) -> None:
        """Switch a fault on or off; it counts from the next command or statement."""
        (self._on.add if on else self._on.discard)(fault)

    def clear(self) -> None:
        """Switch all of them off."""
        self._on.clear()

    def latency(self, fault: Fault) -> float | None:
        """Give the seconds that a slow fault adds when it is on; None for the others."""
        return self._latencies.get(fault)

    def set_latency(self, fault: Fault, seconds: float) -> None:
        """Let a slow fault add that many seconds."""
        if fault in self._latencies:
            self._latencies[fault] = max(0.0, seconds)

    def step_latency(self, fault: Fault, direction: int) -> None:
        """Choose the next longer (+1) or shorter (-1) of LATENCY_STEPS for a slow fault."""
        now = self._latencies.get(fault)
        if now is None:
            return
        steps = LATENCY_STEPS if direction > 0 else LATENCY_STEPS[::-1]
        further = (step for step in steps if (step - now) * direction > 0)
        self._latencies[fault] = next(further, now)

    def describe(self, fault: Fault) -> str:
        """Give a fault's name, with what a slow one adds: `cache slow +100 ms`."""
        seconds = self._latencies.get(fault)
        if seconds is None:
            return fault.words
        added = f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"
        return f"{fault.words} +{added}"

    @property
    def cache_down(self) -> bool:
        """Whether nobody listens where the cache should."""
        return Fault.CACHE_DOWN in self._on

    @property
    def cache_refuses_writes(self) -> bool:
        """Whether the cache takes no command that writes."""
        return Fault.CACHE_REFUSES_WRITES in self._on

    @property
    def cache_latency(self) -> float:
        """Seconds by which the cache answers later; 0 for a cache that is as fast as ever."""
        return self._added(Fault.CACHE_SLOW)

    @property
    def database_down(self) -> bool:
        """Whether the database cannot be opened or reached."""
        return Fault.DATABASE_DOWN in self._on

    @property
    def database_latency(self) -> float:
        """Seconds by which statements begin later; 0 when the database is as fast as ever."""
        return self._added(Fault.DATABASE_SLOW)

    def _added(self, fault: Fault) -> float:
        return self._latencies[fault] if fault in self._on else 0.0


def read_fault(text: str) -> tuple[Fault, float | None]:
    """Give the fault that `cache-down` or `cache-slow=200ms` names, and its latency.

    The latency, in seconds, is None where the text leaves it out.

    Raises:
        SettingsError: there is no such fault, or it has no latency.
    """
    match = _SPELLED.fullmatch(text)
    fault = next((fault for fault in Fault if match and fault.value == match[1]), None)
    if match is None or fault is None:
        known = ", ".join(Fault)
        raise SettingsError(f"{text!r} is no fault; there are {known} (slow ones with =200ms)")
    if match[2] is None:
        return fault, None
    if Faults().latency(fault) is None:
        raise SettingsError(f"{text!r}: {fault} has no latency; leave out what follows the '='")
    return fault, float(match[2]) * (0.001 if match[3] == "ms" else 1.0)


def faults_of(texts: Iterable[str]) -> Faults:
    """Give faults with those switched on, each spelled as in `read_fault`.

    Raises:
        SettingsError: one of them cannot be read.
    """
    faults = Faults()
    faults.follow(texts)
    return faults
