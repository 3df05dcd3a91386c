"""The parts of a paper as files, and the paper that a TeX makes of them, the same bytes for the same parts."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from colonnade.errors import InputError
from colonnade.files import atomic_write
from colonnade.paper.latex import escaped, latex_table, markdown_table
from colonnade.paper.methods import methods_text
from colonnade.paper.numbers import numbers_tex, results_tex, texts_tex, write_csv
from colonnade.paper.tables import nordlie_tables

RUNS = 2  # for references
LAST_LINES = 25


def write_parts(
    folder: Path, config: Mapping, numbers: Mapping[str, str], versions, figures: Mapping[str, str],
    models: Mapping[str, Mapping] | None = None,
) -> None:  # fmt: skip
    """Write numbers, methods, tables and figures for LaTeX into ``folder``, and the methods with tables as Markdown.

    ``config`` is the resolved config, ``numbers`` those of ``paper.numbers.numbers_of``, ``versions`` of the programs,
    ``figures`` the captions by the path of each figure as LaTeX finds it, ``models`` as for ``nordlie_tables``.
    """
    words = methods_text(config, versions)
    tables = nordlie_tables(config, models)
    authors = [author["name"] for author in config.get("authors", [])]
    texts = {"title": config.get("title") or config["experiment"], "authors": ", ".join(authors), "methods": words}
    contents = {
        "numbers.tex": numbers_tex(numbers),
        "methods.tex": texts_tex(texts) + results_tex(numbers),
        "tables.tex": "\n".join(latex_table(*table) for table in tables),
        "figures.tex": "\n".join(_figure(path, caption) for path, caption in figures.items()),
        "methods.md": f"{words}\n\n" + "\n".join(markdown_table(*table) for table in tables),
    }
    for name, text in contents.items():
        with atomic_write(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    with atomic_write(folder / "numbers.csv") as temporary:
        write_csv(numbers, temporary)


def _figure(path: str, caption: str) -> str:
    graphics = rf"\includegraphics[max width=\linewidth]{{{path}}}"
    return rf"\begin{{figure}}[htbp]\centering{graphics}\caption{{{escaped(caption)}}}\end{{figure}}"


def make_pdf(tex: str, paper: Path, more: Sequence[Path], parts: Path, figures: Path, output: Path) -> None:
    """Make ``output`` of the file ``paper`` by the program ``tex``; InputError with the end of its log where it fails.

    ``parts`` is the folder of ``write_parts``, ``figures`` the one from which figures have their paths; ``more`` are
    files beside the paper. No shell is open to it, and no date goes into the file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for path in [paper, *more, *parts.glob("*.tex")]:
            shutil.copy(path, scratch)
        (Path(scratch) / "figures").symlink_to(figures.resolve())
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "openin_any": "a"}
        line = rf"\pdftrailerid{{}}\input{{{paper.name}}}"
        command = [
            tex,
            "-interaction=nonstopmode",
            "-halt-on-error",
            "-no-shell-escape",
            f"-jobname={paper.stem}",
            line,
        ]
        for _ in range(RUNS):
            answer = subprocess.run(
                command, cwd=scratch, env=environment, capture_output=True, text=True, errors="replace"
            )
            if answer.returncode:
                said = "\n".join(line for line in answer.stdout.splitlines()[-LAST_LINES:] if line.strip())
                raise InputError(f"{tex} could not make it:\n{said}", file=paper)
        with atomic_write(output) as temporary:
            shutil.copyfile(Path(scratch) / f"{paper.stem}.pdf", temporary)
