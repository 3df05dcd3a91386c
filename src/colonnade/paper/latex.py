"""Text and tables for LaTeX and Markdown."""

import re
import unicodedata
from collections.abc import Sequence

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "µ": r"\textmu{}", "²": r"\textsuperscript{2}",
    "→": r"$\rightarrow$", "°": r"\textdegree{}", "\N{EN DASH}": "--", "<": r"\textless{}", ">": r"\textgreater{}",
    "±": r"$\pm$", "\N{MULTIPLICATION SIGN}": r"$\times$", "\N{MINUS SIGN}": r"$-$", "≤": r"$\leq$",
    "≥": r"$\geq$", "≈": r"$\approx$",
    "|": r"\textbar{}", '"': "''", "∞": r"$\infty$", "·": r"$\cdot$", "√": r"$\surd$",
}  # fmt: skip
_GREEK = (
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega alpha beta gamma delta epsilon zeta eta theta iota "
    "kappa lambda nu xi pi rho sigma tau upsilon phi chi psi omega"
)
_SIGNS |= {
    unicodedata.lookup(f"GREEK {'CAPITAL' if name[0].isupper() else 'SMALL'} LETTER {name.replace('ambda', 'amda')}"): (
        rf"$\{name}$"
    )
    for name in _GREEK.split()
}


def escaped(text: str) -> str:
    """Return ``text`` with the signs that LaTeX reads as commands escaped, and numbers as they are set."""
    text = "".join(_SIGNS.get(sign, sign) for sign in str(text))
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)e([-+]\d+)\b", _in_powers_of_ten, text)
    return re.sub(r"(?<![\w.{])-(?=\d)", r"\\ensuremath{-}", text)


def _in_powers_of_ten(found: re.Match) -> str:
    return rf"{found[1]}\ensuremath{{\times10^{{{int(found[2])}}}}}"


def latex_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as wide as the text, its ``title`` above it, whose last column breaks into lines."""
    columns = "l" * (len(head) - 1) + r">{\raggedright\arraybackslash}X"
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
