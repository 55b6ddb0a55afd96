"""Times and shares, in the few characters that a screen has for them."""

from collections.abc import Sequence

FULL, HALF, TRACK = "━", "╸", "─"
SHORT_SECONDS = 0.1
LEVELS = "▁▂▃▄▅▆▇█"


def duration(seconds: float) -> str:
    """Give a measured time with three digits: `0.41 ms`, `12.3 ms`, `1.93 s`."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    milliseconds = seconds * 1000
    digits = 2 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:.{digits}f} ms"


def took(passed: float) -> str:
    """Give how long something took that may take minutes: `0.4 s`, `12.3 ms`."""
    return f"{passed:,.1f} s" if passed >= SHORT_SECONDS else duration(passed)


def time_left(seconds: float) -> str:
    """Give a countdown in whole seconds, begun ones counted: `30 s`, `4:59`, `1:02:03`."""
    whole = max(0, -int(-seconds // 1))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"


def percent(share: float | None) -> str:
    """Give a share of 0 to 1 as whole percents; a dash where there is none."""
    return "–" if share is None else f"{share:.0%}"


def bar(share: float, width: int) -> tuple[str, str]:
    """Give the filled part and the empty track of a bar, `width` cells together."""
    full, half = divmod(round(max(0.0, min(1.0, share)) * width * 2), 2)
    filled = FULL * full + HALF * half
    return filled, TRACK * (width - len(filled))


def sparkline(shares: tuple[float, ...], width: int) -> str:
    """Give the latest `width` shares of 0 to 1 as a curve on a fixed scale."""
    return "".join(LEVELS[round(share * (len(LEVELS) - 1))] for share in shares[-width:])


def columns(counts: Sequence[float], rows: int, top: float | None = None) -> list[str]:
    """Give `rows` lines of columns; `top` is as high as they are, and none is invisible.

    Without a `top` it is the highest of them.
    """
    top = max(counts, default=0) if top is None else top
    parts = len(LEVELS)
    heights = [
        0 if not count else max(1, round(min(1.0, count / top) * rows * parts))
        for count in counts
    ]
    return [
        "".join(
            LEVELS[min(parts, height - row * parts) - 1] if height > row * parts else " "
            for height in heights
        )
        for row in reversed(range(rows))
    ]


def byte_count(size: int) -> str:
    """Give a number of bytes in few characters: `196`, `12.3 kB`, `4.1 MB`."""
    if size < 10_000:
        return str(size)
    for unit in ("kB", "MB"):
        size_in = size / (1000 if unit == "kB" else 1_000_000)
        if size_in < 1000:
            return f"{size_in:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"
