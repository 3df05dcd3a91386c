"""Text and tables for LaTeX and Markdown."""

from collections.abc import Sequence

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "µ": r"\textmu{}", "²": r"\textsuperscript{2}",
    "→": r"$\rightarrow$", "°": r"\textdegree{}", "\N{EN DASH}": "--", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def escaped(text: str) -> str:
    """Return ``text`` with the signs that LaTeX reads as commands escaped."""
    return "".join(_SIGNS.get(sign, sign) for sign in str(text))


def latex_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as wide as the text, its ``title`` above it, whose last column breaks into lines."""
    columns = "l" * (len(head) - 1) + "X"
    lines = [
        r"\begin{table}[htbp]\footnotesize",
        rf"\caption{{{escaped(title)}}}",
        rf"\begin{{tabularx}}{{\linewidth}}{{{columns}}}\hline",
        " & ".join(rf"\textbf{{{escaped(name)}}}" for name in head) + r" \\ \hline",
        *(" & ".join(map(escaped, row)) + r" \\" for row in rows),
        r"\hline\end{tabularx}\end{table}",
    ]
    return "\n".join(lines) + "\n"


def markdown_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the same table as Markdown."""
    lines = [" | ".join(str(cell).replace("|", "/") for cell in row) for row in [head, ["---"] * len(head), *rows]]
    return f"**{title}**\n\n" + "\n".join(f"| {line} |" for line in lines) + "\n"
