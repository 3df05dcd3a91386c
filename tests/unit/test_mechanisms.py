"""Compiling and loading mechanisms: once for each content, whole or not at all, and with errors that can be mended."""

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from colonnade.errors import InputError, MissingFile, UnsupportedError
from colonnade.mechanisms import compile_mechanisms, compiled_in_cache, load_mechanisms, read_compiled, toolchain
from colonnade.mechanisms.modfile import read_mod_file

OURS = Path(__file__).resolve().parent.parent.parent / "mechanisms"
SCRIPT = OURS.parent / "scripts" / "compile_mechanisms.py"

LEAK = """
: colonnade: linear
NEURON {
    SUFFIX NAME
    NONSPECIFIC_CURRENT i
    RANGE g, e, i : and this is a comment, RANGE not
}
PARAMETER { g = 0.001 (S/cm2)  e = -65 (mV) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
"""


@pytest.fixture
def leak(tmp_path):
    """A function that writes a small mechanism of the given name into a folder and returns the folder."""

    def write(name="leaky", folder="mods", text=LEAK, file=None):
        path = tmp_path / folder / (file or f"{name}.mod")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("NAME", name))
        return path.parent

    return write


@pytest.fixture(scope="module")
def module_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cache(module_cache, monkeypatch):
    """A cache of these tests' own, and a compiler that does not take the time to optimise."""
    monkeypatch.setenv("COLONNADE_CACHE", str(module_cache))
    monkeypatch.setattr(toolchain, "DEFAULT_FLAGS", "-O0 -march=native")
    return module_cache


def python(code, cwd, **environment):
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True
    )
    return answer.returncode, answer.stdout + answer.stderr


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_mod_file_is_read_for_the_manifest():
    synapse = read_mod_file(OURS / "Exp2SynFixed.mod")
    assert (synapse.name, synapse.kind, synapse.linear) == ("Exp2SynFixed", "point", True)
    assert synapse.range_variables == ("tau1", "tau2", "e", "i", "g")
    assert synapse.states == ("A", "B")
    assert read_mod_file(OURS / "vecevent.mod").kind == "artificial"
    potassium = read_mod_file(OURS / "SK.mod")
    assert (potassium.kind, potassium.ions, potassium.linear) == ("density", ("k", "ca"), False)
    assert potassium.global_variables == ("zTau",)


def test_all_of_ours_are_thread_safe_and_name_their_source():
    for path in OURS.glob("*.mod"):
        mechanism = read_mod_file(path)
        assert mechanism.threadsafe, path.name
        if mechanism.kind == "density":
            assert "(19" in path.read_text() or "(20" in path.read_text(), f"{path.name} names no paper"


def test_compiling_gives_a_folder_that_neuron_and_bmtk_can_use_and_is_done_once(leak, cache, tmp_path):
    compiled = compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    assert names(tmp_path / "out") == ["mechanisms.json", "modfiles", compiled.library.parent.name]
    assert names(tmp_path / "out" / "modfiles") == ["leaky.mod"]
    manifest = json.loads((tmp_path / "out" / "mechanisms.json").read_text())
    assert manifest["mechanisms"]["leaky"]["range_variables"] == ["g", "e", "i"]
    assert manifest["mechanisms"]["leaky"]["linear"] is True
    assert {"neuron", "compiler", "flags"} <= set(manifest)
    code = (
        "import neuron; neuron.load_mechanisms('out'); from neuron import h; h.Section().insert('leaky'); print('done')"
    )
    assert "done" in python(code, tmp_path)[1]
    made = {path: path.stat().st_ino for path in (cache / "mechanisms").glob("neuron-*")}
    compile_mechanisms(leak(), tmp_path / "again", coreneuron=False)
    assert {path: path.stat().st_ino for path in (cache / "mechanisms").glob("neuron-*")} == made
    assert (tmp_path / "again" / "mechanisms.json").read_text() == (tmp_path / "out" / "mechanisms.json").read_text()


@pytest.mark.slow
def test_other_content_or_flags_compile_anew(leak, cache, tmp_path):
    first = compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    second = compile_mechanisms(leak(), tmp_path / "out", coreneuron=False, flags="-O1")
    assert second.manifest["flags"] == "-O1"
    third = compile_mechanisms(leak(text=LEAK.replace("-65", "-70")), tmp_path / "out", coreneuron=False)
    assert len({first.key, second.key, third.key}) == 3
    assert toolchain.identity("-march=native")["processor"]
    assert "processor" not in toolchain.identity("-O1")


@pytest.mark.slow
def test_a_mod_file_of_the_users_own_is_added_to_ours_or_replaces_the_one_of_its_name(leak, cache, tmp_path):
    leak("leaky", folder="ours")
    ours = leak("other", folder="ours")
    leak("mine", folder="own")
    own = leak("leaky", folder="own", file="my_leaky.mod", text=LEAK.replace("-65", "-50"))
    compiled = compile_mechanisms(ours, tmp_path / "out", own=own, coreneuron=False)
    assert set(compiled.mechanisms) == {"leaky", "mine", "other"}
    assert compiled.mechanisms["leaky"]["file"] == "my_leaky.mod"
    assert compiled.manifest["replaced"] == ["leaky"]
    assert names(tmp_path / "out" / "modfiles") == ["mine.mod", "my_leaky.mod", "other.mod"]


def test_an_own_file_with_the_name_of_ours_and_another_mechanism_is_refused(leak, tmp_path):
    ours, own = leak("leaky", folder="ours"), leak("mine", folder="own", file="leaky.mod")
    with pytest.raises(InputError, match="the mechanism is also in"):
        compile_mechanisms(ours, tmp_path / "out", own=own, coreneuron=False)


@pytest.mark.parametrize(
    "flags", ["-O3; touch F #", "-O3 $(touch F)", "-O3\ntouch F", "-DX='1'", "-O3 `touch F`", "O3"]
)
def test_flags_that_a_shell_would_run_are_refused(flags, leak, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"mechanisms\.flags: these are no flags"):
        compile_mechanisms(leak(), tmp_path / "out", flags=flags)
    assert not (tmp_path / "F").exists()


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "x86_64/libnrnmech.so"),
        ("linux", "aarch64", "aarch64/libnrnmech.so"),
        ("darwin", "arm64", "arm64/libnrnmech.dylib"),
    ],
)
def test_the_library_is_where_neuron_looks_for_it_on_each_platform(system, machine, name, monkeypatch):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert toolchain.library_name() == name


@pytest.mark.slow
def test_the_library_is_where_its_name_says(leak, cache, tmp_path):
    compiled = compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    assert compiled.library == tmp_path / "out" / toolchain.library_name()


@pytest.mark.slow
def test_a_mechanism_that_is_gone_leaves_the_output(leak, cache, tmp_path):
    leak("leaky")
    compile_mechanisms(leak("other"), tmp_path / "out", coreneuron=False)
    (tmp_path / "mods" / "other.mod").unlink()
    compile_mechanisms(tmp_path / "mods", tmp_path / "out", coreneuron=False)
    assert names(tmp_path / "out" / "modfiles") == ["leaky.mod"]


@pytest.mark.slow
def test_several_processes_compile_once(leak, cache, tmp_path):
    folder = leak(text=LEAK.replace("-65", "-66"))
    calls = []
    original = toolchain.build_neuron_library

    def counted(*arguments):
        calls.append(1)
        return original(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(toolchain, "build_neuron_library", counted)
        threads = [
            threading.Thread(
                target=compile_mechanisms, args=(folder, tmp_path / f"out{n}"), kwargs={"coreneuron": False}
            )
            for n in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(calls) == 1
    assert all((tmp_path / f"out{n}" / "mechanisms.json").is_file() for n in range(3))


def test_a_syntax_error_is_told_with_the_line_and_the_file_and_leaves_nothing(leak, cache, tmp_path):
    folder = leak("bad", text=LEAK.replace("e = -65", "e = "))
    with pytest.raises(InputError) as caught:
        compile_mechanisms(folder, tmp_path / "out", coreneuron=False)
    assert "bad.mod" in str(caught.value)
    assert "at line 8" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_faulty_cpp_in_a_mod_file_is_told_with_the_compilers_line(leak, cache, tmp_path):
    folder = leak(text=LEAK + "\nVERBATIM\nint broken(void) { return no_such_thing; }\nENDVERBATIM\n")
    with pytest.raises(InputError, match="no_such_thing"):
        compile_mechanisms(folder, tmp_path / "out", coreneuron=False)


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        (lambda leak: leak("pas", file="mine.mod"), "mine.mod: NEURON has a mechanism of this name built in.*'pas'"),
        (lambda leak: [leak(file="one.mod"), leak(file="two.mod")][0], "the mechanism is also in .*one.mod"),
        (lambda leak: leak(text="PARAMETER { g = 1 }"), "no NEURON block"),
        (lambda leak: leak(text="NEURON { RANGE g }"), "no name"),
        (lambda leak: leak(file="readme.txt"), "no .mod files"),
    ],
)
def test_folders_that_cannot_be_compiled_are_refused_with_the_reason(leak, tmp_path, arrange, message):
    with pytest.raises(InputError, match=message):
        compile_mechanisms(arrange(leak), tmp_path / "out", coreneuron=False)


def test_a_missing_folder_and_one_with_a_library_only_are_refused(leak, tmp_path):
    with pytest.raises(MissingFile, match="no such folder"):
        compile_mechanisms(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "old" / "x86_64").mkdir(parents=True)
    (tmp_path / "old" / "x86_64" / "libnrnmech.so").touch()
    with pytest.raises(InputError, match=r"x86_64/libnrnmech\.so alone is not enough"):
        compile_mechanisms(tmp_path / "old", tmp_path / "out")


def test_a_missing_compiler_is_named_with_the_command_that_installs_it(leak, tmp_path):
    settings = {"PATH": str(tmp_path), "COLONNADE_CACHE": str(tmp_path / "cache"), "CXX": ""}
    program = [sys.executable, str(SCRIPT), str(leak()), "--output", str(tmp_path / "out")]
    answer = subprocess.run(program, env={**os.environ, **settings}, capture_output=True, text=True)
    assert answer.returncode == 2
    assert "a C++ compiler (g++) is not on this machine; install it with: sudo apt-get install" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_cache_that_cannot_be_written_is_named(leak, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COLONNADE_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"the cache cannot be written.*COLONNADE_CACHE"):
        compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)


def test_somebodys_folder_is_compiled_into_the_cache_and_stays_as_it_was(leak, cache, tmp_path):
    folder = leak(folder="theirs/modfiles")
    compiled = compiled_in_cache(folder.parent, coreneuron=False)
    assert compiled.is_relative_to(cache)
    assert names(folder.parent) == ["modfiles"]
    assert names(folder) == ["leaky.mod"]
    assert compiled_in_cache(folder.parent, coreneuron=False) == compiled


@pytest.mark.slow
def test_files_beside_the_mod_files_can_be_included(leak, cache, tmp_path):
    folder = leak(text=LEAK.replace("PARAMETER {", 'INCLUDE "reversal.inc"\nPARAMETER {').replace("e = -65 (mV)", ""))
    (folder / "reversal.inc").write_text("PARAMETER { e = -66 (mV) }\n")
    first = compile_mechanisms(folder, tmp_path / "out", coreneuron=False)
    (folder / "reversal.inc").write_text("PARAMETER { e = -67 (mV) }\n")
    assert compile_mechanisms(folder, tmp_path / "out", coreneuron=False).key != first.key


def test_loading_twice_is_once_and_another_version_is_refused(leak, cache, tmp_path):
    compile_mechanisms(leak(), tmp_path / "one", coreneuron=False)
    compile_mechanisms(leak(text=LEAK.replace("-65", "-70")), tmp_path / "two", coreneuron=False)
    shutil.copytree(tmp_path / "one", tmp_path / "same")
    code = """
from colonnade.mechanisms import linear_mechanisms, load_mechanisms, mechanism_names
for folder in ("one", "one", "same"):
    load_mechanisms(folder)
print(sorted(linear_mechanisms()))
print({"leaky", "pas", "IntFire1"} <= set(mechanism_names()))
try:
    load_mechanisms("two")
except Exception as error:
    print(error)
"""
    status, said = python(code, tmp_path)
    assert status == 0, said
    assert "['Exp2Syn', 'ExpSyn', 'leaky']\nTrue\n" in said
    assert "two: NEURON already has these mechanisms" in said
    assert "one; one process can hold one version only (found 'leaky')" in said


def test_a_folder_that_neuron_loaded_by_itself_is_told(leak, cache, tmp_path):
    compiled = compile_mechanisms(leak(), tmp_path / "one", coreneuron=False)
    shutil.copytree(compiled.library.parent, tmp_path / "start" / compiled.library.parent.name)
    code = f"from colonnade.mechanisms import load_mechanisms; load_mechanisms({str(tmp_path / 'one')!r})"
    status, said = python(code, tmp_path / "start")
    assert status != 0
    assert "a compiled folder which NEURON found where this process was started" in said


def test_a_damaged_output_is_told(leak, cache, tmp_path):
    compiled = compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    compiled.library.unlink()
    with pytest.raises(MissingFile, match="compile the mechanisms again"):
        read_compiled(tmp_path / "out")
    (tmp_path / "out" / "mechanisms.json").write_text("{")
    with pytest.raises(InputError, match="not a manifest of this version"):
        read_compiled(tmp_path / "out")


def test_a_library_for_another_neuron_is_refused(leak, cache, tmp_path):
    compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    manifest = json.loads((tmp_path / "out" / "mechanisms.json").read_text()) | {"neuron": "8.2.4"}
    (tmp_path / "out" / "mechanisms.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"another version of NEURON.*'8\.2\.4'"):
        load_mechanisms(tmp_path / "out")


def test_a_library_for_another_processor_is_refused_before_it_kills_the_process(leak, cache, tmp_path):
    compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    manifest = json.loads((tmp_path / "out" / "mechanisms.json").read_text())
    assert manifest["processor_features"] == toolchain.processor_features()
    manifest["processor_features"].append("avx4096")
    (tmp_path / "out" / "mechanisms.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"compiled for another processor.*avx4096") as told:
        load_mechanisms(tmp_path / "out")
    text = str(told.value)
    assert str(tmp_path / "out" / manifest["library"]) in text
    assert toolchain.processor_name() in text
    command = text[text.index("python ") :].splitlines()[0]
    subprocess.run([sys.executable, *shlex.split(command)[1:], "--no-coreneuron"], check=True, capture_output=True)
    compiled = load_mechanisms(tmp_path / "out")
    assert compiled.manifest["processor_features"] == toolchain.processor_features()
    assert compiled.manifest["flags"] == manifest["flags"]


def test_a_library_for_another_machine_is_refused(leak, cache, tmp_path):
    compile_mechanisms(leak(), tmp_path / "out", coreneuron=False)
    manifest = json.loads((tmp_path / "out" / "mechanisms.json").read_text())
    there = {"key": "0" * 32, "machine": "riscv64", "processor": "riscv64, HAL 9000", "processor_features": []}
    (tmp_path / "out" / "mechanisms.json").write_text(json.dumps(manifest | there))
    with pytest.raises(InputError, match=r"another processor: they are for riscv64.*HAL 9000"):
        load_mechanisms(tmp_path / "out")


@pytest.mark.slow
def test_flags_that_name_a_processor_are_known_by_what_the_compiler_uses(leak, cache, tmp_path, monkeypatch):
    if platform.machine() != "x86_64":
        pytest.skip(f"the flags of this test are for x86_64, not {platform.machine()}")
    compiled = compile_mechanisms(leak(), tmp_path / "out", coreneuron=False, flags="-O1 -march=haswell")
    assert {"avx2", "fma", "bmi1", "abm"} <= set(compiled.manifest["processor_features"])
    assert "avx512f" not in compiled.manifest["processor_features"]
    assert "avx2" not in toolchain.required_features("-O1 -march=x86-64")
    monkeypatch.setattr(toolchain, "processor_features", lambda: ["sse4_2"])
    with pytest.raises(InputError, match=r"instructions that it lacks: .*avx2.*compile_mechanisms\.py") as told:
        load_mechanisms(tmp_path / "out")
    assert "haswell" not in str(told.value)  # with these flags it would be the same library again


@pytest.mark.slow
def test_what_coreneuron_cannot_take_is_refused_or_left_out_with_the_reason(leak, cache, tmp_path):
    only_neuron = "\nVERBATIM\n#ifdef CORENEURON_BUILD\nno_such_type there;\n#endif\nENDVERBATIM\n"
    holder = LEAK.replace("BREAKPOINT", "ASSIGNED { kept }\nPROCEDURE set() {\nVERBATIM\n  kept = *hoc_pgetarg(1);\n"
                          "ENDVERBATIM\n}\nBREAKPOINT")  # fmt: skip
    leak("leaky")
    leak("holder", text=holder)
    folder = leak("strange", text=LEAK + only_neuron)
    compiled = compile_mechanisms(folder, tmp_path / "out", coreneuron="try")
    assert compiled.coreneuron_library.is_file()
    assert compiled.coreneuron_mechanisms == {"leaky"}
    assert set(compiled.refusals) == {"holder", "strange"}
    assert "no_such_type" in compiled.refusals["strange"]
    assert "keeps an object of NEURON's interpreter" in compiled.refusals["holder"]
    with pytest.raises(UnsupportedError, match="CoreNEURON cannot take holder, strange; use the engine 'neuron'"):
        compile_mechanisms(folder, tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    alone = compile_mechanisms([folder / "holder.mod"], tmp_path / "alone", coreneuron="try")
    assert alone.coreneuron_library is None
    assert alone.coreneuron_mechanisms == frozenset()


def test_an_environment_with_a_blank_in_its_path_is_named(monkeypatch, tmp_path):
    program = tmp_path / "my tools" / "nrnivmodl"
    program.parent.mkdir()
    program.write_text("")
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(program.parent))
    with pytest.raises(InputError, match="has a blank"):
        toolchain.build_neuron_library(tmp_path, tmp_path, "")
