"""``colonnade WORD ...``: what each word does, its examples, and the program in scripts/ that does it."""

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
    """A word of the command line: what it ``does``, the ``program`` in scripts/ behind it, examples of its use."""

    does: str
    program: str
    examples: tuple[str, ...]


COMMANDS = {
    "init": Command(
        "make a project folder: config, functions of your own, Snakefile", "init_project",
        ("colonnade init demo && cd demo && colonnade run", "colonnade init column --from ei_column"),
    ),
    "run": Command(
        "run an experiment to its figures and its report", "run_experiment",
        ("colonnade run", "colonnade run other.yaml --cores 4", "colonnade run --workflow-profile slurm"),
    ),
    "check": Command(
        "find all that is wrong in a config, and what it takes; run nothing", "check",
        ("colonnade check config.yaml", "colonnade check results/demo/simulation/config.json"),
    ),
    "simulate": Command(
        "simulate a SONATA config, ours or not", "simulate",
        ("colonnade simulate results/demo/simulation/config.json --output again --threads 2",),
    ),
    "compare": Command(
        "put two results side by side", "compare", ("colonnade compare results/a results/b --output comparison",)
    ),
    "verify": Command(
        "run a finished experiment again and compare file by file", "verify",
        ("colonnade verify", "colonnade verify other.yaml --results results/other"),
    ),
    "whence": Command(
        "say what made a figure", "whence", ("colonnade whence results/demo/figures/raster.pdf --json",)
    ),
    "archive": Command(
        "pack a finished experiment into one zip for reviewers and repositories", "archive",
        ("colonnade archive --models", "colonnade archive config.yaml --models --wheels --output submission.zip"),
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
SNAKEFILE = "snakefile"
WORDS = {word: command.does for word, command in COMMANDS.items()} | {
    SNAKEFILE: "print the path of the workflow, for plain `snakemake -s`",
    "completion": "print the completion of this command for bash, zsh or fish",
}


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
    elif word == SNAKEFILE:
        print(project_file("Snakefile"))
    elif word == "completion":
        print(completion.script(words[0] if words else "bash", WORDS), end="")
    elif word in COMMANDS:
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
    """Run the program behind ``word`` as if it were called by hand, under the name ``colonnade WORD``."""
    program = project_file("scripts", f"{COMMANDS[word].program}.py")
    sys.argv = [f"colonnade {word}", *words]
    sys.path.insert(0, str(program.parent))
    code = compile(program.read_bytes(), str(program), "exec")
    try:
        exec(code, {"__name__": "__main__", "__file__": str(program)})  # runpy would name the program, not the command
    except SystemExit as end:
        if not end.code and {"-h", "--help"} & set(words):
            print("\nexamples:", *(f"  {example}" for example in COMMANDS[word].examples), sep="\n")
        raise
    except KeyboardInterrupt:
        sys.exit(130)
