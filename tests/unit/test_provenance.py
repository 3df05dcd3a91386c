"""What a program depends on is found from its imports; versions, compiler and checkout are named."""

import subprocess

from colonnade import code_facts, provenance
from colonnade.provenance import PACKAGE, git_state, source_files, versions


def test_the_files_behind_a_program_are_found_through_all_its_imports(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import numpy\nfrom neighbour import x\nfrom colonnade.sonata.nodes import read_nodes\n")
    (tmp_path / "neighbour.py").write_text("from colonnade import streams\nx = 1\n")
    (tmp_path / "stranger.py").write_text("")
    found = source_files(program)
    assert {str(program), str(tmp_path / "neighbour.py")} <= set(found)
    for name in ("__init__.py", "streams.py", "sonata/__init__.py", "sonata/nodes.py", "errors.py"):
        assert str(PACKAGE / name) in found
    assert not any("stranger" in path or "numpy" in path or "simulation" in path for path in found)
    assert found == sorted(set(found))


def test_relative_and_nested_imports_are_followed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("def late():\n    from colonnade.experiment import Experiment\n    return Experiment\n")
    names = {path.removeprefix(f"{PACKAGE}/") for path in source_files(program)}
    assert {"experiment/__init__.py", "experiment/sweep.py", "streams.py"} <= names


def test_c_sources_belong_to_the_modules_beside_them(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from colonnade.simulation.engines.lockstep.library import compile_kernels\n")
    runtime = PACKAGE / "simulation" / "engines" / "lockstep" / "runtime"
    assert {str(path) for path in runtime.iterdir()} <= set(source_files(program))


def test_versions_name_what_makes_results():
    found = versions()
    assert {"colonnade", "neuron", "numpy", "snakemake"} <= found.keys()
    assert all(version[0].isdigit() for version in found.values())


def test_a_missing_compiler_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.compiler_version() == "none"


def test_the_compiler_is_the_one_that_compiles_the_mechanisms(monkeypatch, tmp_path):
    program = tmp_path / "my-c++"
    program.write_text("#!/bin/sh\necho my compiler 7\n")
    program.chmod(0o755)
    monkeypatch.setenv("CXX", f"{program} -stdlib=mine")
    assert provenance.compiler_version() == "my compiler 7"
    assert provenance.toolchain_versions()["compiler"] == "my compiler 7"


def test_a_conda_environment_tells_its_versions_where_this_one_has_no_neuron(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = provenance.toolchain_versions(PACKAGE.parent.parent / "envs" / "environment.yaml")
    assert found["neuron"][0].isdigit()
    assert found["compiler"] == "cxx-compiler"


def test_a_checkout_tells_its_commit_and_whether_files_changed(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--quiet")
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "--quiet", "--message", "first")
    clean = git_state(tmp_path)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (tmp_path / "file").write_text("2")
    assert git_state(tmp_path) == {"commit": clean["commit"], "dirty": True}


def test_a_folder_outside_git_has_no_commit(tmp_path):
    assert git_state(tmp_path) == {"commit": None, "dirty": None}


def test_a_name_that_its_package_loads_lazily_counts_with_its_module(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from colonnade.simulation import simulate\nfrom colonnade.figures import plot_raster\n")
    names = {path.removeprefix(f"{PACKAGE}/") for path in source_files(program)}
    assert {"simulation/run.py", "simulation/loading.py", "analysis/result.py"} <= names
    assert not {"figures/placement.py", "figures/kinds/placement.py"} & names
    assert "bmtk/simulator.py" not in names


def test_what_counts_of_code_is_kept_and_a_damaged_store_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("COLONNADE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "module.py"
    path.write_text("import numpy  # a comment\nfrom . import near\n")

    def facts():
        for function in (code_facts.facts_of, code_facts._known):
            function.cache_clear()
        found = code_facts.facts_of(path)
        code_facts.remember_facts()
        return found

    first = facts()
    assert [list(each) for each in first.imports] == [[0, "numpy", []], [1, "", ["near"]]]
    (store,) = (tmp_path / "cache" / "code").iterdir()
    again = facts()
    assert (again.content, again.lazy) == (first.content, first.lazy)
    whole = store.read_bytes()
    for damaged in (whole[:-9], whole.replace(first.content.encode(), b"0" * 64), b"", b"\xff\xfe"):
        store.write_bytes(damaged)
        assert facts().content == first.content
    path.write_text("import numpy\nfrom . import near\n")
    assert facts().content == first.content
    path.write_text("import numpy\nfrom . import far\n")
    assert facts().content != first.content
    for function in (code_facts.facts_of, code_facts._known):
        function.cache_clear()
