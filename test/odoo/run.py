"""`npm run test:odoo`: the addon on every real Odoo given by ODOO_18_PATH and ODOO_19_PATH.

For each: install and the addon's tests, update without change, a running server under parallel requests, uninstall
without a trace. Ends with one line `N passed, N failed`; exit 3 when there is no Odoo to run it on.
"""

import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import calls
from environment import Failed, Machine, Missing, Odoo, given_trees, missing_series
from server import Server

RESULT = re.compile(r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests")
BAD_LINE = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) |^\S+ \S+ \d+ WARNING .*edi_gateway", re.M)


class Report:
    """Counts what passed and failed, and says so as it happens."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, series, what, good, detail=""):
        self.passed += bool(good)
        self.failed += not good
        print(f"odoo {series}: {'ok' if good else 'FAILED'} - {what}{'' if good else ': ' + detail}", flush=True)

    def tests(self, series, failed, count, seconds):
        self.passed += count - failed
        self.failed += failed
        print(f"odoo {series}: {count - failed} of {count} addon tests passed in {seconds:.0f} s", flush=True)


def bad_lines(output):
    return [line for line in output.splitlines() if BAD_LINE.match(line)]


def footprint(odoo, database):
    """What the addon keeps in a database, as counts that an update without change must leave alone."""
    queries = {
        "tables": "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'edi\\_gateway%'",
        "columns": "SELECT count(*) FROM information_schema.columns WHERE column_name LIKE 'edi\\_gateway%'",
        "indexes": "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'edi\\_gateway%'",
        "crons": "SELECT count(*) FROM ir_cron c JOIN ir_act_server s ON s.id = c.ir_actions_server_id "
        "WHERE s.code LIKE '%\\_cron\\_process\\_inbox%' OR s.code LIKE '%\\_cron\\_push%'",
        "models": "SELECT count(*) FROM ir_model WHERE model LIKE 'edi.gateway%'",
        "fields": "SELECT count(*) FROM ir_model_fields WHERE name LIKE 'edi\\_gateway%'",
        "names": "SELECT count(*) FROM ir_model_data WHERE module = 'edi_gateway'",
        "settings": "SELECT count(*) FROM ir_config_parameter WHERE key LIKE 'edi\\_gateway.%'",
        "sequences": "SELECT count(*) FROM ir_sequence WHERE code LIKE 'edi\\_gateway%'",
        "views": "SELECT count(*) FROM ir_ui_view WHERE arch_db::text LIKE '%edi\\_gateway%'",
    }
    return {name: int(odoo.machine.sql(database, query)[0][0]) for name, query in queries.items()}


def install(report, odoo, database, addons):
    started = time.monotonic()
    code, output = odoo.machine.run(
        odoo.command(
            database, "-i", "edi_gateway", "--test-tags", "/edi_gateway", "--stop-after-init", "--max-cron-threads=0",
            *odoo.server_options(), addons=addons,
        )
    )  # fmt: skip
    result = RESULT.search(output)
    # A module that is not found gives 0 tests and exit 0: the count is part of the proof.
    count = int(result[3]) if result else 0
    failed = int(result[1]) + int(result[2]) if result else 0
    report.tests(odoo.series, failed, count, time.monotonic() - started)
    bad = bad_lines(output)
    good = code == 0 and count > 0 and failed == 0 and not bad
    report.check(odoo.series, "installed, tests ran, no errors in the log", good, tail(bad, output))


def update(report, odoo, database, addons):
    before = footprint(odoo, database)
    code, output = odoo.machine.run(
        odoo.command(
            database, "-u", "edi_gateway", "--stop-after-init", "--no-http", "--max-cron-threads=0", addons=addons
        )
    )
    after = footprint(odoo, database)
    bad = bad_lines(output)
    good = code == 0 and before == after and not bad
    report.check(odoo.series, "update changes nothing", good, f"{before} {after} {tail(bad, output)}")


def serve(report, odoo, database, addons):
    """Races and the cron, which Odoo's own test cursor cannot show."""
    server = Server(odoo, database, addons)
    try:
        ready = server.start(prepare=True)
        message = calls.notice("PO-EXAMPLE-1", "SHP-1")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _n: calls.post_message(ready, message), range(8)))
        statuses = sorted(status for status, _body in answers)
        ids = {body.get("id") for _status, body in answers}
        report.check(
            odoo.series,
            "8 parallel posts of one message make one",
            statuses == [200] * 7 + [202] and ids == {message["id"]},
            f"{statuses} {ids}",
        )
        state = calls.wait_for_state(ready, message["id"], "applied")
        report.check(odoo.series, "the cron applies it by itself", state["state"] == "applied", str(state))
        rows = odoo.machine.sql(
            database, f"SELECT count(*) FROM edi_gateway_message WHERE message_uid = '{message['id']}'"
        )
        receipts = odoo.machine.sql(
            database, "SELECT count(*) FROM stock_picking WHERE edi_gateway_notice_number = 'SHP-1'"
        )
        report.check(odoo.series, "one row, one receipt", (rows, receipts) == ([["1"]], [["1"]]), f"{rows} {receipts}")
        calls.deliver(ready, "PO-77", 3)
        with ThreadPoolExecutor(4) as pool:
            leases = list(pool.map(lambda _n: calls.lease(ready, 5), range(4)))
        given = [item["id"] for _status, body in leases if isinstance(body, list) for item in body]
        report.check(
            odoo.series, "parallel leases never give a row twice", len(given) == len(set(given)) == 2, str(leases)
        )
        [document] = [item for _status, body in leases for item in body if "message" in item]
        result = {"leaseToken": document["leaseToken"], "state": "accepted"}
        status, answer = calls.call(ready, "POST", f"/edi_gateway/v1/outbox/{document['id']}/result", result)
        good = (status, answer.get("state")) == (200, "accepted")
        report.check(odoo.series, "a delivery is leased and its acceptance reported", good, f"{status} {answer}")
        errors = [line for line in server.log_text().splitlines() if BAD_LINE.match(line)]
        report.check(odoo.series, "no errors in the server log", not errors, "\n".join(errors[:20]))
    finally:
        server.stop()


def copy(report, odoo, database, addons):
    """A copied database has uuid, address, keys and outbox of the original, and must not act for it."""
    copied = f"{database}_copy"
    odoo.copy(database, copied)
    server = Server(odoo, copied, addons)
    server.facts_file.write_text(Server(odoo, database, addons).facts_file.read_text())
    try:
        ready = server.start()
        answers = [calls.post_message(ready, calls.notice("PO-EXAMPLE-1", "SHP-9")), calls.lease(ready, 5)]
        refused = [(status, body.get("error")) for status, body in answers] == [(403, "binding_mismatch")] * 2
        report.check(odoo.series, "a copy of the database is refused", refused, str(answers))
    finally:
        server.stop()
        odoo.drop(copied)


def uninstall(report, odoo, database, addons):
    output = odoo.shell(
        database,
        "env['ir.module.module'].search([('name', '=', 'edi_gateway')]).button_immediate_uninstall()\nenv.cr.commit()\n",
        addons,
    )
    left = {name: count for name, count in footprint(odoo, database).items() if count}
    report.check(
        odoo.series, "uninstalled without a trace", not left and not bad_lines(output), f"{left} {output[-2000:]}"
    )
    code, output = odoo.machine.run(
        odoo.command(database, "-u", "stock", "--stop-after-init", "--no-http", "--max-cron-threads=0")
    )
    bad = bad_lines(output)
    report.check(odoo.series, "the database works without it", code == 0 and not bad, tail(bad, output))


def tail(bad, output):
    return "\n".join(bad[:20]) or output[-1500:]


def main():
    report = Report()
    trees = given_trees()
    for series, variable in missing_series().items():
        print(f"odoo {series}: not run, {variable} is not set", file=sys.stderr)
    machine = Machine()
    machine.start_cluster()
    for series, tree in trees.items():
        odoo = Odoo(machine, series, tree)
        odoo.ensure_template()
        database = f"edigw_test_{odoo.major}"
        odoo.create(database)
        addons = odoo.copy_addon(f"addons-{odoo.major}")
        for step in (install, update, serve, copy, uninstall):
            try:
                step(report, odoo, database, addons)
            except Failed as failed:
                report.check(series, step.__name__, False, str(failed))
        odoo.drop(database)
    print(f"{report.passed} passed, {report.failed} failed")
    return 0 if report.passed and not report.failed else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Missing as missing:
        print(f"missing: {missing}", file=sys.stderr)
        sys.exit(3)
    except Failed as failed:
        print(failed, file=sys.stderr)
        print("0 passed, 1 failed")
        sys.exit(1)
