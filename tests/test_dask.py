"""Checks on a Dask cluster: the same reports as here, each once, whatever becomes of the cluster."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import pytest
from distributed.scheduler import KilledWorker

import qartifacts as qa
from clusters import LocalCluster, until
from deadly import Deadly, Slow
from qartifacts import bulk
from qartifacts.bulk import Checked, check_paths
from qartifacts.bulk import cluster as dask
from qartifacts.bulk.cluster import Cluster
from support import ROOT, Run, unmeasured

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")

GOOD = b'{"0": 0.5, "3": 0.5}'
BAD = b'{"0": 0.5, "3": 0.4}'
P1 = "ionq.result.probabilities.json.v1"
REGISTRY = qa.Registry.bundled()
NOBODY: Any = None


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two workers, which are started again when they die, in another directory than the tests."""
    with LocalCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_workers("--nworkers", "2")
        yield cluster


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A messy store, by a path that is relative to the current directory."""
    monkeypatch.chdir(tmp_path)
    for number in range(400):
        data = GOOD if number % 7 else (BAD, b"", b"[", b'["1"]', b"\xff\xfe")[number // 7 % 5]
        write(f"store/{number % 3}/{number:03}.{P1}.json", data)
    write("store/runs.ndjson", b"\n".join((GOOD, BAD, b"", b"{") * 40))
    record = {"id": "job", "artifacts": [{"id": "a", "format": P1, "media_type": "x"}]}
    write("store/job/job.json", json.dumps(record).encode())
    write("store/job/a.json", b'{"0": 1}')
    write("store/job/a.jsonl", b'{"0": 1}\n{"0": 2}')
    write("store/lax/off.json", BAD)
    Path("store/loop.json").symlink_to("loop.json")
    Path("store/circle").symlink_to(".", target_is_directory=True)
    write(os.path.join("store", os.fsdecode(b"caf\xe9.json")), BAD)
    with tarfile.open("store/runs.tar", "w") as archive:
        for name, data in (("a.json", GOOD), (f"b.{P1}.json", BAD)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    write("qartifacts.toml", b'[[overrides]]\nfiles = ["store/lax/*"]\nsum-limit = 0.2\n')
    return "store"


def write(path: str, data: bytes = GOOD) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)


def checked(*paths: str, **options: Any) -> Generator[Checked, None, None]:
    return check_paths(paths, registry=REGISTRY, **options)


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


class TestReports:
    @pytest.mark.parametrize("output", ["json", "sarif", "text"])
    def test_the_output_is_the_same(
        self, cluster: LocalCluster, store: str, run: Run, output: str
    ) -> None:
        arguments = ("check", store, "-", "missing.json", "--output", output)
        here = run(*arguments, stdin=BAD)
        there = run(*arguments, "--dask", cluster.address, stdin=BAD)
        assert here.exit_code == there.exit_code == 2
        assert here.stdout == there.stdout
        assert here.stderr == there.stderr
        assert "QA201" in there.stdout
        # What is said of them by the configuration, and by a record, which workers find.
        if output == "json":
            formats = {each["source"]: each for each in json.loads(there.stdout)["reports"]}
            assert formats[os.path.join("store", "lax", "off.json")]["ok"]
            assert formats[os.path.join("store", "job", "a.json")]["format"] == P1

    def test_what_only_this_process_can_read_goes_along(
        self, cluster: LocalCluster, tmp_path: Path, run: Run
    ) -> None:
        large = GOOD + b" " * (12 << 20)  # Of so much, Dask would warn.
        os.mkfifo(tmp_path / "pipe")
        writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(large,))
        writer.start()
        result = run("check", tmp_path / "pipe", "--format", P1, "--dask", cluster.address)
        writer.join()
        assert (result.exit_code, result.stderr) == (0, "")

    def test_a_file_that_workers_do_not_see_is_a_finding(
        self, cluster: LocalCluster, store: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "_current_folder", lambda: "/nowhere")
        with Cluster(cluster.address) as there:
            reports = list(checked(f"store/1/001.{P1}.json", "store/lax", cluster=there))
        assert [(codes(each.report), each.unopened) for each in reports] == [
            (["QA001"], True),
            (["QA001"], False),
        ]

    def test_by_an_executor_of_a_client(self, cluster: LocalCluster, store: str) -> None:
        sources: list[Any] = [
            store,
            GOOD,
            {"0": 0.5, "3": 0.4},
            f"store/1/001.{P1}.json",
            3 * [BAD][0],
        ]
        client: Any = distributed.Client
        with client(cluster.address, set_as_default=False) as other:
            for options in ({}, {"pure": False}):
                executor = other.get_executor(**options)
                there = list(qa.check_many(sources, executor=executor))
                assert there == list(qa.check_many(sources))


class TestLoss:
    def test_a_worker_is_killed_half_way(self, cluster: LocalCluster, store: str) -> None:
        terms = Slow(0.001)
        here = list(checked(store, store, project=terms))
        before = cluster.workers()
        with Cluster(cluster.address) as there:
            checks = checked(store, store, project=terms, cluster=there)
            together = list(islice(checks, 100))
            os.kill(min(before.values()), signal.SIGKILL)
            together += checks
        assert together == here
        until(lambda: len(cluster.workers()) == 2)
        assert len(set(before.values()) & set(cluster.workers().values())) == 1

    def test_a_worker_dies_at_work(self, cluster: LocalCluster, store: str, tmp_path: Path) -> None:
        (tmp_path / "killed").mkdir()
        terms = Deadly(os.getpid(), f"250.{P1}.json", str(tmp_path / "killed"))
        with Cluster(cluster.address) as there:
            together = list(checked(store, project=terms, cluster=there))
        assert together == list(checked(store))
        assert len(os.listdir(tmp_path / "killed")) == 1
        until(lambda: len(cluster.workers()) == 2)

    def test_a_deadly_file_is_a_finding_and_the_others_are_checked(
        self, cluster: LocalCluster, store: str
    ) -> None:
        terms = Deadly(os.getpid(), f"250.{P1}.json")
        with Cluster(cluster.address) as there:
            together = [each.report for each in checked(store, project=terms, cluster=there)]
        alone = [each.report for each in checked(store)]
        (lost,) = (at for at, report in enumerate(together) if f"250.{P1}" in report.source)
        assert codes(together[lost]) == ["QA019"]
        assert together[lost].source == alone[lost].source
        assert together[:lost] + together[lost + 1 :] == alone[:lost] + alone[lost + 1 :]
        until(lambda: len(cluster.workers()) == 2)

    def test_what_the_cluster_forgets_is_given_to_it_again(
        self, cluster: LocalCluster, store: str
    ) -> None:
        terms = Slow(0.001)
        here = list(checked(store, project=terms))
        with Cluster(cluster.address) as there:
            checks = checked(store, project=terms, cluster=there)
            together = list(islice(checks, 50))
            cluster.asked(lambda client: client.restart())
            together += checks
        assert together == here

    def test_it_cannot_forget_for_ever(
        self, cluster: LocalCluster, store: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give = Cluster.give

        def forgotten(self: Cluster, call: bytes) -> Any:
            future = give(self, call)
            future.cancel()
            return future

        monkeypatch.setattr(Cluster, "give", forgotten)
        with Cluster(cluster.address) as there, pytest.raises(qa.ClusterError, match="forget"):
            list(checked(store, cluster=there))

    @pytest.mark.parametrize(
        ("raised", "says"),
        [
            # Otherwise, every file would be a finding.
            (KilledWorker("task", NOBODY, 3), "end, whatever they are to do"),
            (ValueError("such\nas"), "cannot do the work: such as"),
        ],
    )
    def test_a_cluster_that_does_nothing_is_no_finding(
        self,
        cluster: LocalCluster,
        store: str,
        monkeypatch: pytest.MonkeyPatch,
        raised: Exception,
        says: str,
    ) -> None:
        def failed(self: Cluster, call: bytes) -> Any:
            future: Future[Any] = Future()
            future.set_exception(raised)
            return future

        monkeypatch.setattr(Cluster, "give", failed)
        with Cluster(cluster.address) as there, pytest.raises(qa.ClusterError, match=says):
            list(checked(store, cluster=there))

    def test_who_ends_early_leaves_nothing_behind(self, cluster: LocalCluster, store: str) -> None:
        with Cluster(cluster.address) as there:
            checks = checked(store, store, project=Slow(0.005), cluster=there)
            next(checks)
            assert cluster.tasks() > 2
            checks.close()
            until(lambda: cluster.tasks() <= 2, seconds=5)  # What workers have begun.
        until(lambda: cluster.tasks() == 0)
        with pytest.raises(RuntimeError):
            list(checked(store, cluster=there))


class TestInterrupts:
    @pytest.fixture
    def pipe(self, tmp_path: Path) -> Path:
        """A pipe, which a check waits for when it has given out what comes before."""
        os.mkfifo(tmp_path / "pipe")
        return tmp_path / "pipe"

    def test_ctrl_c_ends_cleanly_and_the_cluster_goes_on(
        self, cluster: LocalCluster, store: str, pipe: Path
    ) -> None:
        workers = cluster.workers()
        command = ("check", f"{store}/0", "pipe", "--dask", cluster.address, "--output", "json")
        roots = [str(ROOT / each) for each in ("src", "schemas", "generated")]
        process = subprocess.Popen(
            [sys.executable, "-m", "qartifacts", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**unmeasured(), "PYTHONPATH": os.pathsep.join(roots)},
        )
        try:
            writer = _opened(pipe)
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=30)
            os.close(writer)
        finally:
            process.kill()
            process.communicate()
        assert process.returncode == 130
        assert b"Traceback" not in err
        assert json.loads(out)["error"]
        until(lambda: cluster.tasks() == 0)
        assert cluster.workers() == workers

    def test_the_scheduler_is_gone_half_way(
        self,
        store: str,
        pipe: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        run: Run,
    ) -> None:
        monkeypatch.setattr(dask, "_PATIENCE", 1.0)
        # A scheduler needs no package but Dask.
        write("none/qartifacts/__init__.py", b'raise ModuleNotFoundError(name="qartifacts")')
        with LocalCluster(tmp_path, package=tmp_path / "none") as own:
            own.add_workers("--no-nanny")
            assert run("check", store, "--dask", own.address).stdout == run("check", store).stdout

            def kill() -> None:
                writer = _opened(pipe)
                own.kill_scheduler()
                os.close(writer)

            # It does not answer, although its connections are there.
            with Cluster(own.address) as there:
                os.kill(own.scheduler, signal.SIGSTOP)
                with pytest.raises(qa.ClusterError, match="is gone"):
                    list(checked(store, cluster=there))
                os.kill(own.scheduler, signal.SIGCONT)

            killer = threading.Thread(target=kill)
            killer.start()
            arguments = ("check", f"{store}/0", "pipe", store, "--output", "json")
            result = run(*arguments, "--dask", own.address)
            killer.join()
        assert result.exit_code == 2
        document = json.loads(result.stdout)
        assert "is gone" in document["error"]
        assert document["summary"]["sources"] == len(document["reports"])
        assert result.stderr.splitlines()[0].startswith("stopped early")
        assert result.stderr.splitlines()[-1] == f"Error: {document['error']}"
        assert len(result.stderr.splitlines()) == 2
        # Each once, as far as it came.
        sources = [each["source"] for each in document["reports"]]
        assert sources == [each.report.source for each in checked(f"{store}/0")][: len(sources)]


def _opened(pipe: Path) -> int:
    """A pipe, to write to, once there is somebody who reads."""
    end = time.monotonic() + 30
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.02)


class TestVersions:
    def test_all_must_have_the_same(
        self, tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = ROOT / "src" / "qartifacts" / "__init__.py"
        packages = {
            "none": 'raise ModuleNotFoundError("No module named qartifacts", name="qartifacts")',
            "old": '__version__ = "0.0.1"',
            # Of which the modules are where they are now.
            "next": f"__path__ = [{str(real.parent)!r}]\n"
            f"exec(open({str(real)!r}).read())\n"
            '__version__ = "99.0"',
        }
        for name, text in packages.items():
            write(f"{name}/qartifacts/__init__.py", text.encode())
        with LocalCluster(tmp_path) as own:
            monkeypatch.setattr(dask, "_WITHOUT_WORKERS", 0.2)
            monkeypatch.setattr(dask, "_BETWEEN", 0.1)
            nobody = pytest.raises(qa.ClusterError, match=f"no workers.*worker {own.address}")
            with Cluster(own.address) as there, nobody:
                list(checked(store, cluster=there))
            monkeypatch.setattr(dask, "_WITHOUT_WORKERS", 60.0)
            said = []
            for name in packages:
                # It is found out if the worker comes later, too.
                with Cluster(own.address) as there:
                    own.add_workers("--no-nanny", package=tmp_path / name)
                    with pytest.raises(qa.ClusterError, match=qa.__version__):
                        list(checked(store, cluster=there))
                with pytest.raises(qa.ClusterError, match=qa.__version__) as raised:
                    Cluster(own.address)
                said.append(str(raised.value))
                own.end_workers()
        for version, message in zip(("none", "0.0.1", "99.0"), said, strict=True):
            assert version in message

    def test_a_call_comes_with_its_version(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As a worker unpickles it."""
        call = pickle.dumps(dask._Deferred(pickle.dumps((pow, (2, 3)))))
        assert pickle.loads(call) == 8

        class Worker:
            address = "tcp://worker"
            scheduler = SimpleNamespace(address="tcp://scheduler")

        monkeypatch.setattr(distributed, "get_worker", Worker)
        monkeypatch.setattr(dask, "__version__", "99.0")
        with pytest.raises(qa.ClusterError, match=f"^tcp://scheduler: .*{qa.__version__}.*99.0"):
            pickle.loads(call)


class TestMisuse:
    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dask, "_PATIENCE", 0.5)

    def test_nobody_at_the_address(self, run: Run) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            unused = silent.getsockname()[1]
            for listening in (False, True):  # The second accepts, and says nothing.
                if listening:
                    silent.listen()
                result = run("check", ".", "--dask", f"tcp://127.0.0.1:{unused}")
                assert result.exit_code == 2
                assert result.stdout == ""
                assert f"127.0.0.1:{unused}" in result.stderr
                assert result.stderr.count("\n") == 1

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "nowhere",
            "http://127.0.0.1:80",
            "tcp://127.0.0.1:x",
            "tls://127.0.0.1:1",
            "inproc://x",
        ],
    )
    def test_what_is_no_address(self, run: Run, address: str) -> None:
        result = run("check", ".", "--dask", address)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith(
            f"Error: --dask {address}: no connection to a Dask scheduler"
        )

    def test_processes_here_are_another_way(self, run: Run) -> None:
        for jobs in ("1", "2"):
            result = run("check", ".", "--jobs", jobs, "--dask", "tcp://127.0.0.1:1")
            assert result.exit_code == 2
            assert "--jobs" in result.stderr

    def test_it_is_never_configured(self, run: Run) -> None:
        Path("qartifacts.toml").write_text('dask = "tcp://127.0.0.1:1"\n', encoding="utf-8")
        result = run("check", ".")
        assert result.exit_code == 2
        assert "dask" in result.stderr

    @pytest.mark.parametrize("missing", ["dask", "distributed"])
    def test_without_dask(self, run: Run, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
        monkeypatch.setitem(sys.modules, missing, None)
        result = run("check", ".", "--dask", "tcp://127.0.0.1:1")
        assert result.exit_code == 2
        assert "qartifacts[dask]" in result.stderr
