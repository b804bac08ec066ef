"""Many workbooks: nothing lost or counted twice, whatever is killed, hangs or is resumed."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from dask_cluster import dask_cluster
from generated_workbooks import write_workbooks

from grammar.errors import OutputError, RequestError
from server.checks.cluster import batches
from server.checks.examine import Examined, Job, Stamp
from server.checks.examiners import Examiner, examine_here
from server.checks.journal import NAME, Journal
from server.checks.lint import lint_workbook
from server.checks.many import Where, run_many
from server.cli import main

TODAY = dt.date(2026, 11, 23)
LINT = Job("lint", TODAY)
COUNT = 60
SUITE = """cases:
- {name: none is late, rule: "TextEquals(c[1], 'Late')", count: 0}
- {name: some amount, rule: "GreaterThan(c[2], 0)", count: {least: 1}}
- {name: own table, rule: "GreaterThan(c[0], 0)", count: 1, table: [[a], [1]]}
"""


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Sixty workbooks, and what lint says of each by itself."""
    folder = tmp_path_factory.mktemp("books")
    paths = [str(path) for path in write_workbooks(folder, COUNT)]
    found = {path: lint_workbook(Path(path), TODAY).findings for path in paths}
    return folder, paths, found


def quiet(done, total):
    """Nobody looks on."""


def tables(folder, name="findings.parquet"):
    return [pq.read_table(folder / each).to_pylist() for each in ("files.parquet", name)]


def assert_complete(folder, paths, found):
    """Every file has one row, and every finding is there once."""
    files, findings = tables(folder)
    assert Counter(row["path"] for row in files) == Counter(paths)
    wanted = [(path, one.kind, one.cells, one.message) for path in paths for one in found[path]]
    assert [(r["path"], r["kind"], r["cells"], r["message"]) for r in findings] == wanted
    assert {row["status"] for row in files} <= {"done", "unreadable"}


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_every_file_and_finding_is_there_once(books, tmp_path):
    """By two processes; the damaged file has a row that says so."""
    _, paths, found = books
    seen = []
    totals = run_many(LINT, paths, tmp_path / "out", False, Where(2), lambda *now: seen.append(now))
    assert_complete(tmp_path / "out", paths, found)
    assert seen == [(number, COUNT) for number in range(COUNT + 1)]
    assert totals.files == COUNT
    assert totals.rows == sum(map(len, found.values()))
    page = (tmp_path / "out" / "summary.html").read_text()
    assert f"{COUNT} workbooks" in page


def test_a_cluster_that_loses_a_worker_loses_no_file(books, tmp_path):
    """A real scheduler with two workers, of which one is killed half-way."""
    _, paths, found = books
    with dask_cluster(tmp_path) as cluster:

        def watch(done, total):
            if len(cluster.workers) == 2 and done >= total // 2:
                cluster.kill_worker()

        where = Where(cluster=cluster.address)
        run_many(LINT, paths, tmp_path / "out", False, where, watch)
        assert len(cluster.workers) == 1
    assert_complete(tmp_path / "out", paths, found)


@pytest.mark.parametrize(("count", "threads"), [(0, 2), (1, 2), (60, 2), (5000, 2), (5000, 64)])
def test_tasks_of_a_cluster_are_large_first_and_small_at_the_end(count, threads):
    """Every file is in one of them."""
    paths = [str(number) for number in range(count)]
    found = list(batches(paths, threads))
    assert [path for some in found for path in some] == paths
    sizes = [len(some) for some in found]
    assert sizes == sorted(sizes, reverse=True)
    assert not sizes or (sizes[-1] == 1 and sizes[0] <= 16)
    assert len(found) >= min(count, 8 * threads)


def test_a_killed_run_goes_on_where_it_was(books, tmp_path):
    """After a kill -9 what is in the journal is kept, and the result is that of a whole run."""
    folder, paths, found = books
    out = tmp_path / "out"
    journal = out / NAME
    command = [sys.executable, "-m", "server.cli", "lint", str(folder), "--parquet", str(out)]
    run_in = {"cwd": Path(__file__).parents[1], "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--today", "2026-11-23"], **run_in) as process:
        wait_for_lines(journal, process)
        process.kill()
    kept = journal.read_bytes().count(b"\n") - 1
    assert 0 < kept < COUNT
    assert not (out / "files.parquet").exists()
    with journal.open("ab") as stream:
        stream.write(b'{"path": "half a line')
    result = run("lint", folder, "--parquet", out, "--resume", "--json")
    answer = json.loads(result.stdout)
    assert answer["kept"] == kept
    assert answer["files"] == COUNT
    assert journal.read_bytes().count(b"\n") == COUNT + 1
    assert_complete(out, paths, found)


HEEDING_CTRL_C = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from server.cli import main; main()"
)
"""The command line, also where these tests run in the background, in which Ctrl-C is ignored."""


def wait_for_lines(journal, process):
    """Look until the journal holds its first files; the run must not have ended by then."""
    while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
        assert process.poll() is None


def test_an_interrupt_keeps_what_is_done(books, tmp_path):
    """Ctrl-C at the keyboard ends the run without a traceback and says how to go on."""
    folder, paths, found = books
    out = tmp_path / "out"
    command = [sys.executable, "-c", HEEDING_CTRL_C, "lint", str(folder), "--parquet", str(out)]
    run_in = {"cwd": Path(__file__).parents[1], "stderr": subprocess.PIPE, "text": True}
    session = {"start_new_session": True}
    with subprocess.Popen([*command, "--today", "2026-11-23"], **run_in, **session) as process:
        wait_for_lines(out / NAME, process)
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "go on with --resume" in said
    assert "Traceback" not in said
    result = run("lint", folder, "--parquet", out, "--resume", "--json")
    assert 0 < json.loads(result.stdout)["kept"] < COUNT
    assert_complete(out, paths, found)


def test_a_link_to_nothing_is_told_and_a_pipe_is_not_waited_for(tmp_path):
    """Every workbook of a folder is accounted for; what is no file never ends."""
    (tmp_path / "gone.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "~$open.xlsx").write_bytes(b"")
    (tmp_path / "empty.xlsx").write_bytes(b"")
    answer = json.loads(run("lint", tmp_path, "--json").stdout)
    names = {Path(one["file"]).name: one["findings"][0]["kind"] for one in answer["files"]}
    assert names == {"empty.xlsx": "unreadable-file", "gone.xlsx": "unreadable-file"}


def test_a_changed_file_is_examined_again_and_a_touched_one_is_not(books, tmp_path):
    """Known by size and time, else by its content."""
    _, paths, _ = books
    path, other = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for copy, source in ((path, paths[0]), (other, paths[1])):
        copy.write_bytes(Path(source).read_bytes())
    names, out = [str(path), str(other)], tmp_path / "out"
    run_many(LINT, names, out, False, Where(1), quiet)
    os.utime(path, (1, 1))
    other.write_bytes(Path(paths[2]).read_bytes())
    totals = run_many(LINT, names, out, True, Where(1), quiet)
    assert totals.kept == 1
    files, findings = tables(out)
    assert len(files) == 2
    wanted = len(lint_workbook(other, TODAY).findings)
    assert sum(row["path"] == str(other) for row in findings) == wanted


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("raise KeyError('no such thing')", "KeyError: 'no such thing'"),
        ("while True: pass", "longer than 0.5 s"),
    ],
)
def test_one_bad_file_costs_one_row(books, tmp_path, monkeypatch, program, reason):
    """It is tried twice; the files after it are examined as if nothing had been."""
    _, paths, _ = books
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import server.checks.examine as each\n"
        "whole = each.examine\n"
        "def examine(job, path):\n"
        f"    if path.name == 'bad.xlsx': exec({program!r})\n"
        "    return whole(job, path)\n"
        "each.examine = examine\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{Path(__file__).parents[1]}")
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(Path(paths[0]).read_bytes())
    job = Job("lint", TODAY, timeout=0.5 if "while" in program else 60)
    names = [str(bad), *paths[:3]]
    if "while" in program:
        names = names[:1]  # the others may need longer where the machine is busy
    results = {one.path: one for one in examine_here(job, names, 1)}
    assert reason in results[str(bad)].reason
    assert results[str(bad)].attempts == 2
    assert [results[path].reason for path in names[1:]] == [""] * len(names[1:])


def test_a_file_given_up_is_a_row_and_is_tried_again(tmp_path, books):
    """Its reason is in the table; --resume does not take it for done."""
    _, paths, _ = books
    path, out = paths[0], tmp_path / "out"
    with Journal(out, LINT, False) as journal:
        journal.add(Examined(path, Stamp.of(Path(path)), reason="it took longer than 1 s"))
        assert not journal.has(path)
    totals = run_many(LINT, [path], out, True, Where(1), quiet)
    assert totals.kept == 0
    assert totals.statuses == {"done": 1}


def test_journals_of_other_runs_are_refused(tmp_path):
    """Without --resume, for another day, while another run writes, or no journal at all."""
    Journal(tmp_path, LINT, False).__exit__()
    with pytest.raises(OutputError, match="--resume"):
        Journal(tmp_path, LINT, False)
    with pytest.raises(OutputError, match="another run"):
        Journal(tmp_path, Job("lint", dt.date(2026, 1, 1)), True)
    longer = Job("lint", TODAY, timeout=3)
    with Journal(tmp_path, longer, True), pytest.raises(OutputError, match="another run writes"):
        Journal(tmp_path, LINT, True)
    (tmp_path / NAME).write_bytes(b"something else\n")
    with pytest.raises(OutputError, match="no journal"):
        Journal(tmp_path, LINT, True)


def test_suites_are_applied_to_every_workbook(books, tmp_path):
    """A row a case and workbook; cases with a table of their own are about that alone."""
    folder, paths, _ = books
    suite = tmp_path / "all.check.yaml"
    suite.write_text(SUITE)
    out = tmp_path / "out"
    result = run("check", suite, "--workbooks", folder, "--parquet", out, "--json", "--jobs", 2)
    assert result.exit_code == 1
    files, cases = tables(out, "cases.parquet")
    assert len(files) == COUNT
    assert Counter(row["path"] for row in cases) == Counter(paths * 2)
    assert {row["case"] for row in cases} == {"all: none is late", "all: some amount"}
    assert {row["verdict"] for row in cases} == {"passed", "failed"}
    late = next(row for row in cases if row["verdict"] == "failed")
    assert "expected" in late["problems"][0]
    assert "none is late" in (out / "summary.html").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "{folder}", "--resume"),
        ("lint", "{folder}", "--cluster", "tcp://127.0.0.1:1"),
        ("lint", "{folder}", "--parquet", "{out}", "--least", "error"),
        ("check", "{suite}", "--workbooks", "{folder}"),
        ("check", "{suite}", "--parquet", "{out}"),
        ("check", "--workbooks", "{folder}", "--parquet", "{out}"),
        ("check", "{suite}", "--workbooks", "{folder}", "--parquet", "{out}", "-k", "own table"),
        ("check", "{suite}", "--workbooks", "{folder}", "--parquet", "{out}", "--mutate"),
    ],
)
def test_options_that_do_not_go_together_are_bad_usage(tmp_path, arguments):
    """Exit status 2, and nothing is begun."""
    suite = tmp_path / "all.check.yaml"
    suite.write_text(SUITE)
    names = {"folder": tmp_path, "out": tmp_path / "out", "suite": suite}
    assert run(*(each.format(**names) for each in arguments)).exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_cluster_that_is_not_there_is_told(tmp_path, monkeypatch):
    """At once where the connection is refused in the time that is given."""
    monkeypatch.setattr("server.checks.cluster._CONNECT", "1s")
    with pytest.raises(RequestError, match="no Dask scheduler"):
        run_many(LINT, ["a.xlsx"], tmp_path, False, Where(cluster="tcp://127.0.0.1:9"), quiet)


def test_memory_is_bounded_in_its_own_process(tmp_path):
    """What a file takes beyond the limit fails there."""
    program = (
        "from server.checks.examiner import limit_memory; limit_memory(512)\n"
        "try: bytearray(1 << 30)\nexcept MemoryError: print('bounded')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "bounded\n", done.stderr


def test_an_examiner_ends_with_its_input():
    """Nobody has to clear it away after a kill -9."""
    examiner = Examiner(LINT)
    process = examiner._started()
    process.stdin.close()
    assert process.wait(60) == 0
    examiner.close()
