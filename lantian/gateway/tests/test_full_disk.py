"""A full disk: nobody is answered, the gateway says so, and it goes on by itself when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from lantian.gateway.core.committer import Committer, Job
from lantian.gateway.core.inbox import Inbox, Work, folder_of
from lantian.gateway.tests.lab import device, gateway, kept, packet, publish, read_answers, until


def test_held_until_the_disk_takes_it(tmp_path):
    """SQLite's own limit of pages is a full disk that can be filled without one."""
    inbox = Inbox(folder_of(tmp_path, "one"))
    inbox._db.execute("pragma max_page_count = 20")
    done: list[str] = []
    committer: Committer[str] = Committer(inbox, done.extend)
    committer.start()
    committer.submit(Job(Work([os.urandom(200_000)]), "big"))
    until(lambda: "full" in committer.refusing)
    assert done == []
    inbox._db.execute("pragma max_page_count = 10000")
    until(lambda: done == ["big"])
    assert committer.refusing == ""
    committer.stop()


@pytest.fixture
def small(tmp_path):
    """A file system of two megabytes, where one may be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root mounts a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_real_full_disk(tmp_path, small):
    """The inbox lies on a file system that fills up; what tells of it lies elsewhere."""
    publish(tmp_path, device(1))
    (tmp_path / "gateway" / "one").symlink_to(small)
    filler = small / "filler"
    with gateway(tmp_path) as one, one.connect() as link:
        link.settimeout(1.5)
        link.sendall(packet(1))
        assert len(read_answers(link, 1)) == 1
        filler.write_bytes(b"x" * shutil.disk_usage(small).free)
        sent = [packet(1, serial=number, items="a21026-Info=//" + "x" * 800 + "//") for number in range(1, 200)]
        link.sendall(b"".join(sent))
        answered: list[bytes] = []
        with pytest.raises(TimeoutError):
            answered += read_answers(link, len(sent))
        state = one.wait_for(lambda state: state["refusing"])
        assert "full" in state["refusing"] or "I/O" in state["refusing"]
        filler.unlink()
        link.settimeout(20)
        assert len(read_answers(link, len(sent) - len(answered))) >= 1
        one.wait_for(lambda state: not state["refusing"])
        one.stop()
    assert set(kept(tmp_path)) == {packet(1), *sent}
