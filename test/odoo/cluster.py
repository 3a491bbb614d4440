"""Starts, stops or kills the tests' own PostgreSQL: `cluster.py start | stop | kill | pid`.

`kill` is SIGKILL of the postmaster, for tests of what survives; `start` afterwards recovers.
"""

import os
import signal
import sys
import time
from pathlib import Path

from environment import Failed, Machine, Missing


def main(verb):
    machine = Machine()
    if verb == "start":
        machine.start_cluster()
        print(machine.postmaster_pid())
    elif verb == "stop":
        machine.stop_cluster()
    elif verb == "kill":
        pid = machine.postmaster_pid()
        os.kill(pid, signal.SIGKILL)
        # Until it is gone, `start` would take it for running.
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
    elif verb == "pid":
        print(machine.postmaster_pid() or "")
    else:
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
    except Missing as missing:
        print(f"missing: {missing}", file=sys.stderr)
        sys.exit(3)
    except Failed as failed:
        print(failed, file=sys.stderr)
        sys.exit(1)
