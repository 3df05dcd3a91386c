"""``colonnade WORD ...``: what each word does, its examples, and the program in scripts/ that does it."""

import argparse
import os
import sys
from dataclasses import dataclass

import colonnade
from colonnade.command import completion
from colonnade.errors import InputError
from colonnade.places import project_file

EXIT_CODES = """exit codes:
  0    done, and nothing wrong found
  1    a step failed, or check, verify or archive found something wrong or different
  2    wrong input: a line on stderr says what, where, and what was expected
  85   simulate: stopped by a signal, and its state is saved; the same command goes on
  130  interrupted; `colonnade run` goes on where it was
"""


@dataclass(frozen=True)
class Command:
    """A word of the command line: what it ``does``, the ``program`` in scripts/ behind it, examples of its use.

    ``takes`` are patterns of the files that are named after it.
    """

    does: str
    program: str
    examples: tuple[str, ...]
    takes: tuple[str, ...] = ()


YAML, JSON = "*.y*ml", "*.json"
COMMANDS = {
    "init": Command(
        "make a project folder: config, functions of your own, Snakefile", "init_project",
        ("colonnade init demo && cd demo && colonnade run", "colonnade init column --from ei_column"),
        takes=(YAML,),
    ),
    "run": Command(
        "run an experiment to its figures and its report", "run_experiment",
        ("colonnade run", "colonnade run other.yaml --cores 4", "colonnade run --workflow-profile slurm"),
        takes=(YAML,),
    ),
    "check": Command(
        "find all that is wrong in a config, and what it takes; run nothing", "check",
        ("colonnade check config.yaml", "colonnade check results/demo/simulation/config.json"),
        takes=(YAML, JSON),
    ),
    "simulate": Command(
        "simulate a SONATA config, ours or not", "simulate",
        ("colonnade simulate results/demo/simulation/config.json --output again --threads 2",),
        takes=(JSON,),
    ),
    "compare": Command(
        "put two results side by side", "compare", ("colonnade compare results/a results/b --output comparison",)
    ),
    "verify": Command(
        "run a finished experiment again and compare file by file", "verify",
        ("colonnade verify", "colonnade verify other.yaml --results results/other"),
        takes=(YAML,),
    ),
    "whence": Command(
        "say what made a figure", "whence", ("colonnade whence results/demo/figures/raster.pdf --json",),
        takes=("*.pdf", "*.svg", "*.png"),
    ),
    "archive": Command(
        "pack a finished experiment into one zip for reviewers and repositories", "archive",
        ("colonnade archive --models", "colonnade archive config.yaml --models --wheels --output submission.zip"),
        takes=(YAML,),
    ),
    "export": Command(
        "write spikes and traces as NWB", "export_nwb", ("colonnade export results/demo",)
    ),
    "fetch": Command(
        "fetch a cell of the Allen Cell Types Database as a project", "fetch_cell",
        ("colonnade fetch 473845048 --output my_cell",),
    ),
    "response": Command(
        "hold a fetched cell's response against its recorded sweep", "compare_response", ("colonnade response",)
    ),
    "schema": Command(
        "write the JSON schema of a config, for editors", "write_schema", ("colonnade schema > config.schema.json",)
    ),
}  # fmt: skip
OWN = {
    "snakefile": Command(
        "print the path of the workflow, for plain `snakemake -s`", "",
        ('snakemake -s "$(colonnade snakefile)" --cores 8 --configfile config.yaml',),
    ),
    "completion": Command(
        "print the completion of this command for bash, zsh or fish", "",
        ('eval "$(colonnade completion bash)"', 'eval "$(colonnade completion zsh)"',
         "colonnade completion fish | source"),
    ),
}  # fmt: skip
ALL = COMMANDS | OWN
WORDS = {word: command.does for word, command in ALL.items()}


def main() -> None:
    """Run the command of ``sys.argv``."""
    word, *words = sys.argv[1:] or ["--help"]
    try:
        _do(word, words)
        sys.stdout.flush()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os._exit(0)


def _do(word: str, words: list[str]) -> None:
    if word in ("-h", "--help", "help"):
        print(usage(), end="")
    elif word == "--version":
        print(f"colonnade {colonnade.__version__}")
    elif word in ALL:
        call(word, words)
    else:
        raise InputError("no such command", value=word, options=WORDS)


def usage() -> str:
    """Return the text of ``colonnade --help``."""
    lines = [f"  {word:11} {does}" for word, does in WORDS.items()]
    examples = "\n".join(f"  {command.examples[0]}" for command in COMMANDS.values())
    about = "Biophysical network experiments that others can repeat, from one YAML file."
    return (
        f"usage: colonnade COMMAND ...\n\n{about}\n\ncommands:\n" + "\n".join(lines) + "\n\n`colonnade COMMAND --help` "
        f'explains one. In a shell: eval "$(colonnade completion bash)"\n\nexamples:\n{examples}\n\n{EXIT_CODES}'
    )


def call(word: str, words: list[str]) -> None:
    """Do what ``word`` stands for; its help ends in examples."""
    sys.argv = [f"colonnade {word}", *words]
    try:
        _run_program(ALL[word].program) if ALL[word].program else _print_own(word)
    except SystemExit as end:
        if not end.code and {"-h", "--help"} & set(words):
            print("\nexamples:", *(f"  {example}" for example in ALL[word].examples), sep="\n")
        raise
    except KeyboardInterrupt:
        sys.exit(130)


def _run_program(name: str) -> None:
    """Run a program of scripts/ as if it were called by hand."""
    program = project_file("scripts", f"{name}.py")
    sys.path.insert(0, str(program.parent))
    code = compile(program.read_bytes(), str(program), "exec")
    exec(code, {"__name__": "__main__", "__file__": str(program)})  # runpy would name the program, not the command


def _print_own(word: str) -> None:
    """Print what a word without a program asks for."""
    parser = argparse.ArgumentParser(prog=sys.argv[0], description=f"{WORDS[word].capitalize()}.")
    if word == "snakefile":
        parser.parse_args()
        print(project_file("Snakefile"))
        return
    parser.add_argument("shell", nargs="?", default="bash", help=f"{', '.join(completion.SHELLS)}; default: bash")
    takes = {each: command.takes for each, command in COMMANDS.items() if command.takes}
    print(completion.script(parser.parse_args().shell, WORDS, takes), end="")
