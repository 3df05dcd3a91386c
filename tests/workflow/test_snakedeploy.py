"""`snakedeploy deploy-workflow` as the Snakemake catalog shows it, from a git server on this machine."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from workflow_runs import ROOT, copy_project

TAG = "v-test"


@pytest.fixture(scope="module")
def git_environment(tmp_path_factory):
    """An environment in which https://github.com/ is a server on loopback with a repository of this working tree."""
    folder = tmp_path_factory.mktemp("server")
    work, bare = folder / "work", folder / "files" / "someone" / "colonnade.git"
    copy_project(work)
    shutil.copy(ROOT / "LICENSE", work)
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = a\n\temail = a@example.org\n[init]\n\tdefaultBranch = main\n")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(config), "XDG_CACHE_HOME": str(folder / "cache")}

    def git(*words, where=work):
        subprocess.run(["git", *map(str, words)], cwd=where, env=environment, check=True, capture_output=True)

    git("init")
    git("add", "-A")
    git("commit", "-m", "all")
    git("tag", TAG)
    git("clone", "--bare", work, bare)
    git("update-server-info", where=bare)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder / "files"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # The server has the plain files of git's "dumb" protocol, whose names end in .git.
        address = f"http://127.0.0.1:{server.server_port}/someone/colonnade.git"
        for written in ("https://github.com/someone/colonnade.git", "https://github.com/someone/colonnade"):
            git("config", "--global", "--add", f"url.{address}.insteadOf", written)
        yield environment
        server.shutdown()


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="snakedeploy needs a Python below 3.13")
def test_a_deployed_workflow_runs_the_programs_of_the_installed_package(git_environment, tmp_path):
    binaries = Path(sys.executable).parent
    words = ["deploy-workflow", "https://github.com/someone/colonnade", tmp_path / "study", "--tag", TAG]
    deployed = subprocess.run(
        [binaries / "snakedeploy", *map(str, words)], env=git_environment, capture_output=True, text=True
    )
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    study = tmp_path / "study"
    assert f'tag="{TAG}"' in (study / "workflow" / "Snakefile").read_text()
    shutil.copytree(ROOT / "tests" / "workflow" / "models", study / "models")
    shutil.copy(ROOT / "tests" / "workflow" / "experiment.yaml", study / "config" / "config.yaml")
    run = [sys.executable, "-m", "snakemake", "--cores", "2"]
    answer = subprocess.run(run, cwd=study, env=git_environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert (study / "results" / "small" / "figures" / "raster.pdf").is_file()
