"""Locks of files: one holder at a time, also when a holder deletes the file that others wait for. What is left."""

import subprocess
import sys

import pytest

from colonnade.files import atomic_write, file_lock
from colonnade.receipts import FOLDER, Step

COUNT = """
import sys, time
from pathlib import Path
from colonnade.files import file_lock
count = Path("count")
for _ in range(20):
    with file_lock("lock"):
        number = int(count.read_text())
        time.sleep(0.001)
        count.write_text(str(number + 1))
"""
HOLD = """
import time
from colonnade.files import file_lock
with file_lock("lock"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_processes_that_wait_for_the_same_lock_never_hold_it_together(tmp_path):
    (tmp_path / "count").write_text("0")
    running = [subprocess.Popen([sys.executable, "-c", COUNT], cwd=tmp_path) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "60"
    assert not (tmp_path / "lock").exists()


def test_who_does_not_wait_is_told_the_holder_and_a_killed_holder_keeps_nobody_out(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError, match=f"process {holder.pid} on"), file_lock(tmp_path / "lock", wait=False):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with file_lock(tmp_path / "lock", wait=False) as held:
        assert held


KILLED = """
import os, signal, sys
from colonnade.files import atomic_write
with atomic_write(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("program", "goes"), [("build_edges", True), ("simulate", False)])
def test_a_step_deletes_what_a_killed_run_of_it_has_left_and_nothing_else(program, goes, tmp_path):
    mine, other = tmp_path / "edges[1].h5", tmp_path / "edges[1].csv"
    for path in (mine, other):
        assert subprocess.run([sys.executable, "-c", KILLED, path]).returncode < 0
    left = {path.suffix: path for path in tmp_path.glob(".*")}
    assert set(left) == {".h5", ".csv"}
    receipt = tmp_path / FOLDER / "edges.json"
    step = Step(program, "c0de", "{}", [str(mine), str(receipt)], [])
    with step.receipt():
        assert left[".h5"].exists() != goes  # a simulation waits for the lock of its folder
        with atomic_write(mine) as temporary:
            temporary.write_text("whole")
    assert left[".csv"].exists()
    assert receipt.is_file()
