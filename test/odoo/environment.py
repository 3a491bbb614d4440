"""Where the tests find a real Odoo: source trees, an ordinary OS user, a PostgreSQL cluster, template databases.

Nothing here knows the addon's behaviour. Everything made is kept under one home folder and used again by the next run;
deleting that folder (after `cluster.py stop`) is a full reset. Standard library only.
"""

import ast
import contextlib
import glob
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ADDON = REPOSITORY / "odoo_addon" / "edi_gateway"
SERIES = {"18.0": "ODOO_18_PATH", "19.0": "ODOO_19_PATH"}
MODULES = "stock,account,sale_stock,purchase_stock,stock_delivery"
OS_USER = "edigw-odoo-test"


class Missing(Exception):
    """Something the machine lacks; the text says what and how to supply it. Commands exit 3 on it."""


class Failed(Exception):
    """A command that should have worked did not; the text carries the end of its output."""


def given_trees():
    """Series → source tree, from ODOO_18_PATH and ODOO_19_PATH; a wrong tree is an error, none is Missing."""
    trees = {}
    for series, variable in SERIES.items():
        value = os.environ.get(variable)
        if not value:
            continue
        tree = Path(value).resolve()
        release = tree / "odoo" / "release.py"
        if not (tree / "odoo-bin").is_file() or not release.is_file():
            raise Missing(f"{variable}={value}: no Odoo source tree there (odoo-bin and odoo/release.py expected)")
        major = re.search(r"^version_info = \((\d+), (\d+)", release.read_text(), re.M)
        if f"{major[1]}.{major[2]}" != series:
            raise Missing(f"{variable}={value}: that tree is Odoo {major[1]}.{major[2]}, not {series}")
        trees[series] = tree
    if not trees:
        raise Missing(
            "no Odoo: set ODOO_18_PATH and/or ODOO_19_PATH to source trees with odoo-bin in them "
            "(git clone --depth 1 -b 18.0 https://github.com/odoo/odoo)"
        )
    return trees


def missing_series():
    """The series for which no tree was given, with the variable that would name it."""
    return {series: variable for series, variable in SERIES.items() if not os.environ.get(variable)}


class Machine:
    """The home folder, the OS user Odoo and PostgreSQL run as, and the cluster."""

    def __init__(self):
        self.home = Path(os.environ.get("ODOO_TEST_HOME", "/var/tmp/odoo-edi-gateway-test"))
        self.user = self._ordinary_user()
        self.python = os.environ.get("ODOO_PYTHON") or (
            "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        )
        self.home.mkdir(parents=True, exist_ok=True)
        self._own(self.home)
        self.http_port = int(os.environ.get("ODOO_TEST_HTTP_PORT", "18069"))
        self.pg_given = bool(os.environ.get("PGHOST"))
        self.pg_port = int(os.environ.get("PGPORT") or os.environ.get("ODOO_TEST_PG_PORT") or "54618")
        self.pg_dir = self.home / "pg"
        self.pg_socket = self.home / "pg-socket"
        self.pg_host = os.environ.get("PGHOST") or str(self.pg_socket)
        self.pg_user = os.environ.get("PGUSER") or self.user or pwd.getpwuid(os.geteuid()).pw_name

    def _ordinary_user(self):
        """PostgreSQL and Odoo refuse root: as root a system user is made, else the caller's own user serves."""
        if os.geteuid() != 0:
            return None
        name = os.environ.get("ODOO_TEST_USER", OS_USER)
        try:
            pwd.getpwnam(name)
        except KeyError:
            subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", name], check=True)
        return name

    def _own(self, path):
        if self.user:
            shutil.chown(path, self.user)

    def folder(self, *parts):
        """A folder below home that the OS user may write to."""
        path = self.home
        for part in parts:
            path = path / part
            path.mkdir(exist_ok=True)
            self._own(path)
        return path

    def popen(self, command, **options):
        """Starts a command as the OS user, in the home folder, without the caller's Python settings."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "PGPASSFILE"}
        environment |= {
            "HOME": str(self.home),
            "PYTHONPYCACHEPREFIX": str(self.folder("pycache")),
            "PYTHONUNBUFFERED": "1",
        }
        environment |= options.pop("environment", {})
        who = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}
        return subprocess.Popen([str(part) for part in command], cwd=self.home, env=environment, **who, **options)

    def run(self, command, timeout=900, **options):
        """Runs a command as the OS user to its end → (exit code, output and errors as one text)."""
        process = self.popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            raise Failed(f"no end after {timeout} s: {command[0]}\n{output[-4000:]}") from None
        return process.returncode, output

    def check(self, command, **options):
        code, output = self.run(command, **options)
        if code != 0:
            raise Failed(f"exit {code}: {' '.join(map(str, command))}\n{output[-4000:]}")
        return output

    # PostgreSQL -------------------------------------------------------------------------------------------------

    def pg_binary(self, name):
        """Path of a PostgreSQL program: PATH first, then the folders Debian and others use (newest first)."""
        places = sorted(glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin"), reverse=True)
        for place in [*places, *os.environ.get("PATH", "").split(":")]:
            candidate = Path(place) / name
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return candidate
        raise Missing(f"no PostgreSQL program {name}: install PostgreSQL (Debian: apt-get install postgresql)")

    def start_cluster(self):
        """Starts the tests' own cluster unless PGHOST names one. A crashed one recovers by itself."""
        if self.pg_given:
            return
        if not (self.pg_dir / "PG_VERSION").exists():
            self.folder("pg")
            self.pg_dir.chmod(0o700)
            self.check(
                [self.pg_binary("initdb"), "-D", self.pg_dir, "-U", self.pg_user, "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync"]
            )  # fmt: skip
        if self.run([self.pg_binary("pg_ctl"), "-D", self.pg_dir, "status"])[0] == 0:
            return
        self.folder("pg-socket").chmod(0o700)
        # fsync off is safe against killed processes (the kernel keeps the pages), which is all the tests do.
        options = (
            f"-p {self.pg_port} -k {self.pg_socket} -c listen_addresses= -c fsync=off -c full_page_writes=off "
            "-c max_connections=200 -c shared_buffers=256MB"
        )
        code, output = self.run(
            [self.pg_binary("pg_ctl"), "-D", self.pg_dir, "-l", self.home / "pg.log", "-o", options, "-w", "start"],
        )
        if code != 0:
            raise Failed(f"PostgreSQL did not start: {output[-2000:]} (log: {self.home / 'pg.log'})")

    def stop_cluster(self):
        if not self.pg_given and (self.pg_dir / "postmaster.pid").exists():
            self.run([self.pg_binary("pg_ctl"), "-D", self.pg_dir, "-m", "fast", "-w", "stop"])

    def postmaster_pid(self):
        with contextlib.suppress(FileNotFoundError):
            return int((self.pg_dir / "postmaster.pid").read_text().split("\n")[0])
        return None

    def sql(self, database, query):
        """One SQL command → rows, each a list of texts."""
        output = self.check(
            [self.pg_binary("psql"), "-h", self.pg_host, "-p", self.pg_port, "-U", self.pg_user, "-d", database,
             "-AtqX", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", query]
        )  # fmt: skip
        return [line.split("\x1f") for line in output.splitlines()]


class Odoo:
    """One series: its tree, its template database, and databases made from it."""

    def __init__(self, machine, series, tree):
        self.machine, self.series, self.tree = machine, series, tree
        self.major = series.split(".")[0]
        self.data = machine.folder("data", self.major)
        self.template = f"edigw_template_{self.major}"
        self._readable()

    def _readable(self):
        code, output = self.machine.run([self.machine.python, "-c", f"open({str(self.tree / 'odoo-bin')!r})"])
        if code != 0:
            raise Missing(f"OS user {self.machine.user} cannot read {self.tree}: {output.strip().splitlines()[-1]}")
        code, output = self.machine.run(
            [
                self.machine.python,
                "-c",
                f"import sys; sys.path.insert(0, {str(self.tree)!r}); import odoo.tools, psycopg2",
            ]
        )
        if code != 0:
            raise Missing(
                f"{self.machine.python} cannot import Odoo {self.series}: {output.strip().splitlines()[-1]} "
                "(install Odoo's requirements, or name another interpreter with ODOO_PYTHON)"
            )

    def copy_addon(self, name="addons"):
        """A copy of the addon that the OS user can read; the checkout itself may lie under a closed home folder."""
        target = self.machine.folder(name)
        shutil.rmtree(target / "edi_gateway", ignore_errors=True)
        shutil.copytree(ADDON, target / "edi_gateway", ignore=shutil.ignore_patterns("__pycache__"))
        for path in [target / "edi_gateway", *(target / "edi_gateway").rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        return target

    def command(self, database, *arguments, addons=None):
        paths = [str(self.tree / "addons")] + ([str(addons)] if addons else [])
        m = self.machine
        return [
            m.python, self.tree / "odoo-bin", *arguments, "-d", database, "--db_host", m.pg_host,
            "--db_port", m.pg_port, "--db_user", m.pg_user, "--addons-path", ",".join(paths),
            "--data-dir", self.data,
        ]  # fmt: skip

    def server_options(self, http_port=None):
        port = http_port or self.machine.http_port
        return ["--http-interface=127.0.0.1", f"--http-port={port}", f"--gevent-port={port + 1}"]

    def shell(self, database, script, addons):
        """Runs a Python text in `odoo-bin shell` → its output. The text must commit itself."""
        arguments = self.command(database, "shell", "--no-http", "--log-level=warn", "--logfile=", addons=addons)
        process = self.machine.popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        output, _ = process.communicate(script, timeout=600)
        if process.returncode != 0:
            raise Failed(f"odoo shell, exit {process.returncode}\n{output[-4000:]}")
        return output

    def fingerprint(self):
        """Changes when the template must be made again: another tree or another module list."""
        manifests = "".join(
            str(ast.literal_eval((self.tree / "addons" / name / "__manifest__.py").read_text()).get("version"))
            for name in MODULES.split(",")
        )
        return hashlib.sha256(f"{self.tree}|{MODULES}|{manifests}|1".encode()).hexdigest()[:16]

    def ensure_template(self):
        """The template database, made once (about two minutes) and then copied in a second per run."""
        query = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{self.template}'"
        if self.machine.sql("postgres", query) == [[f"ready {self.fingerprint()}"]]:
            return
        self.drop(self.template)
        print(f"odoo {self.series}: making the template database (about two minutes, once)", file=sys.stderr)
        self.machine.sql("postgres", f"CREATE DATABASE {self.template} TEMPLATE template0 ENCODING 'UTF8'")
        demo = ["--without-demo=all"] if self.major == "18" else []
        code, output = self.machine.run(
            self.command(self.template, "-i", MODULES, "--stop-after-init", "--no-http", "--max-cron-threads=0", *demo)
        )
        if code != 0 or " ERROR " in output or " CRITICAL " in output:
            raise Failed(f"template for Odoo {self.series}, exit {code}\n{output[-4000:]}")
        self.machine.sql("postgres", f"COMMENT ON DATABASE {self.template} IS 'ready {self.fingerprint()}'")

    def create(self, database):
        """A fresh database from the template, with its file store."""
        self.copy(self.template, database)

    def copy(self, source, database):
        """A copy of a database that nobody is connected to, with its file store."""
        self.drop(database)
        self.machine.sql("postgres", f"CREATE DATABASE {database} TEMPLATE {source}")
        store = self.data / "filestore"
        if (store / source).exists():
            self.machine.check(["cp", "-a", store / source, store / database])

    def drop(self, database):
        self.machine.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.machine.check(["rm", "-rf", self.data / "filestore" / database])
