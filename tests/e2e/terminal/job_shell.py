"""A shell with one job, as far as ctrl+z and fg go: `python job_shell.py PROGRAM...`."""

import os
import signal
import subprocess
import sys


def main() -> None:
    """Run the job in the foreground; after it has stopped, a line on stdin continues it."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # to take the terminal back
    job = subprocess.Popen(sys.argv[1:], process_group=0)
    while True:
        os.tcsetpgrp(0, job.pid)
        os.killpg(job.pid, signal.SIGCONT)
        _, status = os.waitpid(job.pid, os.WUNTRACED)
        os.tcsetpgrp(0, os.getpgrp())
        if not os.WIFSTOPPED(status):
            break
        input("the job has stopped")
    job.returncode = os.waitstatus_to_exitcode(status)
    sys.exit(job.returncode)


if __name__ == "__main__":
    main()
