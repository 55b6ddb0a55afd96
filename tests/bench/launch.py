"""Run a command from a process that is small itself; print its seconds and its peak memory.

Linux counts for a new process what the one held that started it, so that may not be the
benchmark.
"""

import os
import sys
import time

if __name__ == "__main__":
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    started = time.perf_counter()
    process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    kib = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    print(seconds, kib)
    sys.exit(os.waitstatus_to_exitcode(status))
