"""Starts a real Odoo server with the addon, for end-to-end tests.

    server.py --series 19.0 --database e2e [--fresh] [--port 18069]

With `--fresh` the database is made anew from the template, the addon installed, the database bound as production and
example data added (README.md). Without it the same database is served again, e.g. after a kill. Prints one JSON line when
the server answers, then stays until it is ended: SIGTERM stops Odoo in order, SIGKILL of the process group `pid` is a
crash.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from environment import SERIES, Failed, Machine, Missing, Odoo, given_trees

ISSUER = "https://gateway.example"


class Server:
    """One Odoo process on one database."""

    def __init__(self, odoo, database, addons, port=None):
        self.odoo, self.database, self.addons = odoo, database, addons
        self.port = port or odoo.machine.http_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = odoo.machine.folder("logs") / f"{database}.log"
        self.facts_file = odoo.machine.folder("facts") / f"{database}.json"
        self.process = None

    def prepare(self):
        """Binds the database, makes keys and example data → the facts a test needs. Kept beside the database."""
        self.log.unlink(missing_ok=True)
        script = (Path(__file__).parent / "prepare.py").read_text()
        script = script.replace("@URL@", self.url).replace("@ISSUER@", ISSUER)
        output = self.odoo.shell(self.database, script, self.addons)
        line = next((line for line in output.splitlines() if line.startswith("FACTS ")), None)
        if not line:
            raise Failed(f"the example data could not be made\n{output[-4000:]}")
        self.facts_file.write_text(line.removeprefix("FACTS "))

    def start(self, prepare=False, workers=0):
        """Starts Odoo with its cron threads and waits until it answers → the facts, with `url` and `pid`."""
        if prepare:
            self.prepare()
        command = self.odoo.command(
            self.database, *self.odoo.server_options(self.port), "--max-cron-threads=2", f"--workers={workers}",
            "--db-filter", f"^{self.database}$", "--log-level=info", addons=self.addons,
        )  # fmt: skip
        with open(self.log, "ab") as log:
            self.process = self.odoo.machine.popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        end = time.monotonic() + 120
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"Odoo did not come up\n{self.log_text()[-4000:]}")
            time.sleep(0.1)
        facts = json.loads(self.facts_file.read_text())
        machine = self.odoo.machine
        return {
            **facts,
            "series": self.odoo.series,
            "url": self.url,
            "database": self.database,
            "pid": self.process.pid,
            "log": str(self.log),
            "pg": {
                "host": machine.pg_host,
                "port": machine.pg_port,
                "user": machine.pg_user,
                "pid": machine.postmaster_pid(),
            },
        }

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/edi_gateway/v1/health", timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self):
        """Ends Odoo in order, and whatever is left of its process group for certain."""
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def fresh_database(odoo, database, addons):
    """A database from the template with the addon installed and nothing else."""
    odoo.ensure_template()
    odoo.create(database)
    code, output = odoo.machine.run(
        odoo.command(
            database, "-i", "edi_gateway", "--stop-after-init", "--no-http", "--max-cron-threads=0", addons=addons
        )
    )
    if code != 0 or " ERROR " in output:
        raise Failed(f"the addon could not be installed\n{output[-4000:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", choices=SERIES, help="default: the newest one given")
    parser.add_argument("--database", required=True)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--port", type=int)
    parser.add_argument(
        "--workers", type=int, default=0, help="0: one process with threads; n: prefork, as in production"
    )
    parser.add_argument(
        "--supervise", action="store_true", help="start Odoo again whenever it ends, as a service manager would"
    )
    options = parser.parse_args()
    trees = given_trees()
    series = options.series or max(trees)
    if series not in trees:
        raise Missing(f"{SERIES[series]} is not set")
    machine = Machine()
    machine.start_cluster()
    odoo = Odoo(machine, series, trees[series])
    addons = odoo.copy_addon(f"addons-{options.database}")
    if options.fresh:
        fresh_database(odoo, options.database, addons)
    server = Server(odoo, options.database, addons, options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.fresh:
        server.prepare()
    try:
        while True:
            try:
                print(json.dumps(server.start(workers=options.workers)), flush=True)
                code = server.process.wait()
            except Failed:
                # PostgreSQL may still be away: Odoo ends at once without it.
                if not options.supervise:
                    raise
                code = 1
            server.stop()
            if not options.supervise:
                return 1 if code > 0 else 0
    finally:
        server.stop()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Missing as missing:
        print(f"missing: {missing}", file=sys.stderr)
        sys.exit(3)
    except Failed as failed:
        print(failed, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        os._exit(130)
