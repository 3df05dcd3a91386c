"""A process that has loaded Snakemake forks for each run: `python -m snakemake` without a second of imports."""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path


class Starter:
    """Runs Snakemake; the process ends with that of the tests."""

    def __init__(self):
        self._process = None

    def run(self, folder: Path, arguments: list[str]) -> subprocess.CompletedProcess:
        """Run Snakemake with ``folder`` as the working directory; return its exit code and what it said."""
        if self._process is None:
            command = [sys.executable, __file__]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with tempfile.TemporaryDirectory() as said:
            job = {"folder": str(folder), "arguments": arguments, "said": said, "environment": dict(os.environ)}
            try:
                self._process.stdin.write(json.dumps(job) + "\n")
                self._process.stdin.flush()
                code = int(self._process.stdout.readline())
            except BaseException:  # of a test that takes too long: the answer would be taken for that of the next one
                self._process.kill()
                self._process = None
                raise
            out, err = (Path(said, name).read_text() for name in ("out", "err"))
        return subprocess.CompletedProcess(arguments, code, out, err)


def serve() -> None:
    """Run each job of the standard input in a process of its own; say its exit code."""
    import snakemake.cli  # noqa: F401  loaded once, for all

    with suppress(ImportError):  # Snakemake loads all plugins that are there
        import snakemake_executor_plugin_slurm  # noqa: F401
    warnings.filterwarnings("ignore", message=".*multi-threaded")  # threads of BLAS, which has done nothing yet
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            become_snakemake(**job)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def become_snakemake(folder: str, arguments: list[str], said: str, environment: dict[str, str]) -> None:
    """Do in this process what `python -m snakemake` does; it does not return."""
    places = [(os.devnull, os.O_RDONLY), *((f"{said}/{name}", os.O_WRONLY | os.O_CREAT) for name in ("out", "err"))]
    for number, (path, how) in enumerate(places):
        os.dup2(os.open(path, how), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["snakemake", *arguments]
    sys.path[0] = folder
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    serve()
