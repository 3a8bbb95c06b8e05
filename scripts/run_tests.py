"""Run the suite on SQLite and, where a PostgreSQL can be started or is given, once more on PostgreSQL.

LANTIAN_TEST_DATABASE_URL names a running server; otherwise a throw-away one is started from the machine's
PostgreSQL programs. Without either the second run is skipped, and says so (with CI=true that is an error).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def pytest(*arguments: str, **environment: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, or None."""
    candidates = [Path(p).parent for p in filter(None, [shutil.which("initdb")])]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates += sorted(Path("/opt/homebrew/opt").glob("postgresql*/bin"), reverse=True)
    return next((c for c in candidates if (c / "initdb").exists() and (c / "pg_ctl").exists()), None)


@contextlib.contextmanager
def throwaway_server(folder: Path) -> Iterator[str]:
    """Start a PostgreSQL of our own on a free port; yield its URL; stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tempfile.mkdtemp(prefix="lantian-pg-")
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(data, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    try:
        subprocess.run(
            [*as_user, str(folder / "initdb"), "-D", f"{data}/db", "-U", "lantian", "-A", "trust", "-E", "UTF8"],
            check=True, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        subprocess.run(
            [*as_user, str(folder / "pg_ctl"), "-D", f"{data}/db", "-w", "-l", f"{data}/log", "-o", options, "start"],
            check=True, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        yield f"postgres://lantian@127.0.0.1:{port}/postgres"
    finally:
        stop = [*as_user, str(folder / "pg_ctl"), "-D", f"{data}/db", "-m", "immediate", "stop"]
        subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(data, ignore_errors=True)


def main() -> int:
    print("== the suite on SQLite", flush=True)
    workers = ["-n", str(min(4, os.cpu_count() or 1))]
    status = pytest(*workers, *sys.argv[1:], DATABASE_URL="")
    url = os.environ.get("LANTIAN_TEST_DATABASE_URL")
    folder = programs()
    if url or folder:
        with contextlib.nullcontext(url) if url else throwaway_server(folder) as server:  # type: ignore[arg-type]
            print("== the suite on PostgreSQL", flush=True)
            # Both runs are wanted even if the first one failed: one round shows everything.
            # Pure code ran above; it does not know which database stands below.
            chosen = {"DATABASE_URL": str(server), "LANTIAN_DATABASE_TESTS_ONLY": "1"}
            return pytest(*workers, "-m", "not browser and not slow", *sys.argv[1:], **chosen) or status
    print("== PostgreSQL: neither LANTIAN_TEST_DATABASE_URL nor PostgreSQL's programs found: this run was skipped")
    return status or (1 if os.environ.get("CI") else 0)


if __name__ == "__main__":
    sys.exit(main())
