"""A Slurm of one node on loopback, from the system's slurmctld, slurmd and munged; ended by process id."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo")
# The executor plugin takes SLURM_CONF out of a job's environment, so that an srun inside finds this place only.
CONFIG = Path("/etc/slurm/slurm.conf")
LOCK = CONFIG.with_name("colonnade-tests.lock")  # held while a node runs: there is one of these files on a machine
MARK = "# written by Colonnade's tests; remove it if they no longer run"
CPUS = 4
SETTINGS = """{mark}
ClusterName=colonnade
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=1,sched_interval=5
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MinJobAge=300
MpiDefault=none
ReturnToService=2
KillWait=10
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=20000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str:
    """Return why no Slurm can be started here; '' where one can."""
    if absent := [name for name in PROGRAMS if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") is None]:
        return f"no {', '.join(absent)}: apt-get install slurmctld slurmd slurm-client munge"
    if os.geteuid():
        return f"only root can write {CONFIG}"
    if CONFIG.exists() and MARK not in CONFIG.read_text():
        return f"{CONFIG} belongs to another Slurm"
    CONFIG.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return "another run of these tests has one"
    return ""


class OneNode:
    """The daemons of one node, in ``folder``; to be used as a context."""

    def __init__(self, folder: Path, cpus: int = CPUS):
        self._folder = folder
        self._cpus = cpus
        self._running: dict[str, subprocess.Popen] = {}
        self._lock = None

    def __enter__(self) -> "OneNode":
        for name in ("state", "spool"):
            (self._folder / name).mkdir()
        key = self._folder / "munge.key"
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(128))
        self._lock = LOCK.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        controller_port, node_port = _free_ports()
        CONFIG.write_text(SETTINGS.format(
            mark=MARK, host=socket.gethostname().partition(".")[0], folder=self._folder, cpus=self._cpus,
            controller_port=controller_port, node_port=node_port,
        ))  # fmt: skip
        try:
            names = {"socket": "socket", "key-file": "key", "log-file": "log", "pid-file": "pid", "seed-file": "seed"}
            options = [f"--{option}={self._folder}/munge.{name}" for option, name in names.items()]
            self._start("munged", "--foreground", "--force", *options)
            _wait_until((self._folder / "munge.socket").exists, "munged does not answer")
            self._start("slurmctld", "-D", "-f", CONFIG)
            self.start_node()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(["scancel", "--user=root"], capture_output=True, timeout=20)
        for name in ("slurmd", "slurmctld", "munged"):
            self.end(name, signal.SIGTERM)
        CONFIG.unlink(missing_ok=True)
        self._lock.close()

    def start_node(self) -> None:
        """Start the node's daemon, and wait until the node takes jobs."""
        self._start("slurmd", "-D", "-f", CONFIG)
        _wait_until(lambda: _states() & {"idle", "mixed", "allocated"}, "the node does not come up", self.log)

    def end(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a daemon of this node by its process id."""
        if process := self._running.pop(name, None):
            process.send_signal(number)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self) -> str:
        """Return the ends of what the daemons said."""
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in self._folder.glob("*.out"))

    def _start(self, name: str, *arguments) -> None:
        path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
        with (self._folder / f"{name}.out").open("a") as said:
            self._running[name] = subprocess.Popen(
                [path, *map(str, arguments)], stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd=self._folder
            )


def jobs() -> dict[str, str]:
    """Return the states of all jobs that the controller knows, by the jobs' ids."""
    asked = ["squeue", "--all", "--states=all", "--noheader", "--format=%i %T"]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=True).stdout
    return dict(line.split() for line in answer.splitlines())


def _states() -> set[str]:
    answer = subprocess.run(["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True, timeout=120)
    return set(answer.stdout.split())


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_until(holds, problem: str, details=str) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{problem}: {details()}")
