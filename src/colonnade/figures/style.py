"""The one style of all figures: journal widths, fonts, lines, colour-blind safe colours, units in labels."""

from __future__ import annotations

import contextlib
import itertools
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from colonnade.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.ticker import MaxNLocator

WIDTHS_MM = {"column": 85.0, "page": 174.0}
FONT_SIZE = 7.0
SMALL = 6.0
GREY = "#5f5f5f"
PALE = "#d9d9d9"
CURVE = "#000000"
MARKERS = "os^DvPX"  # of curves in one axes, which colours alone shall not tell apart

# Okabe & Ito (2008), told apart with all common kinds of colour blindness, but for its yellow, which is too weak for
# text on white: a dark red stands in its place.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#882255")

_SHADES = (
    (0.0, 0.6),
    (1.0, 0.45),
    (0.0, 0.35),
    (1.0, 0.7),
)  # towards black or white, and how much is left of the colour
_LONGEST_NAME = 20  # letters
_EACH_NAMED = 4  # so few cells that each has a tick
_GOLDEN = 0.6180339887498949  # hues a golden section apart come near each other late

_COMPACT = {"columnspacing": 1.2, "borderpad": 0.0}

_SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with Matplotlib, so a figure is the same on every machine
    "mathtext.fontset": "dejavusans",
    "font.size": FONT_SIZE,
    "axes.labelsize": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "figure.titlesize": FONT_SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.labelpad": 2.0,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-4, 5),
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "grid.linewidth": 0.4,
    "grid.color": PALE,
    "lines.linewidth": 0.8,
    "lines.markersize": 3.0,
    "patch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.handlelength": 1.2,
    "legend.handletextpad": 0.5,
    "legend.borderaxespad": 0.2,
    "legend.labelspacing": 0.3,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.03,
    "figure.dpi": 200,
    "savefig.dpi": 400,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "colonnade",
    "path.simplify": True,
    "path.simplify_threshold": 0.2,
    "text.usetex": False,
}


@contextlib.contextmanager
def paper_style() -> Iterator[None]:
    """Draw what is inside the ``with`` in this style, whatever the user's own Matplotlib settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def size_inches(width: str | float, height: float) -> tuple[float, float]:
    """Return (width, height) in inches; ``width`` is ``column`` (85 mm), ``page`` (174 mm) or mm, ``height`` mm."""
    if isinstance(width, str) and width not in WIDTHS_MM:
        raise InputError("unknown width of a figure", key="width", value=width, options=WIDTHS_MM)
    return (WIDTHS_MM[width] if isinstance(width, str) else float(width)) / 25.4, float(height) / 25.4


def colours_of(names: Iterable[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a colour for each of the groups ``names``, in their order.

    ``chosen`` colours come first; the other groups take the palette's colours that are left, then darker and paler
    shades of these, then further hues: no two groups share one. Give the names of all groups of the experiment, in the
    order of the config, to have the same colour for the same group in all figures.
    """
    chosen = {name: _colour(name, value) for name, value in (chosen or {}).items()}
    taken = {colour.lower() for colour in chosen.values()}
    free = (colour for colour in _all_colours() if colour.lower() not in taken)
    return {name: chosen[name] if name in chosen else next(free) for name in dict.fromkeys(names)}


def _all_colours() -> Iterator[str]:
    """Yield the palette, then shades of all of it but black, then hues without end; no colour twice."""
    from matplotlib.colors import hsv_to_rgb, to_hex

    seen = set()
    shades = (_mixed(colour, *shade) for shade in _SHADES for colour in PALETTE if colour != CURVE)
    hues = (to_hex(hsv_to_rgb((n * _GOLDEN % 1, 0.75, (0.85, 0.6)[n % 2]))) for n in itertools.count())
    for colour in itertools.chain(PALETTE, shades, hues):
        if colour.lower() not in seen:
            seen.add(colour.lower())
            yield colour


def _colour(name: str, value: str) -> str:
    from matplotlib.colors import is_color_like, to_hex

    if not is_color_like(value):
        raise InputError("not a colour", key=f"colours.{name}", value=value, expected="a name or #RRGGBB")
    return to_hex(value)


def _mixed(colour: str, other: float, share: float) -> str:
    """Return ``colour`` with a grey ``other``, 0 to 1, in its place but for a ``share``."""
    from matplotlib.colors import to_hex, to_rgb

    return to_hex([part * share + other * (1 - share) for part in to_rgb(colour)])


@cache
def sequential() -> Colormap:
    """Return the colours of maps: from white to the palette's blue and near black, so that they read in grey, too."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("white_to_blue", ["#ffffff", "#9ecae1", "#0072B2", "#08213d"])


def say(axes: Axes, text: str) -> None:
    """Write ``text`` into the middle of empty ``axes``, to say why there is nothing."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY, wrap=True)


def panel_label(text: str) -> dict:
    """Return the arguments for ``suptitle`` that set a panel's letter at its upper left corner."""
    return {"t": text, "x": 0.0, "ha": "left", "va": "top", "weight": "bold", "size": FONT_SIZE + 2}


_UNICODE_UNITS = {"um": "µm", "uM": "µM", "uA": "µA", "uS": "µS", "us": "µs"}
_NAMES = {
    "v": "membrane potential",
    "cai": "intracellular [Ca$^{2+}$]",
    "vext": "extracellular potential",
    "i": "current",
    "g": "conductance",
    "i_membrane": "membrane current",
}


def variable_label(variable: str, units: str) -> str:
    """Return the label of an axis for a recorded ``variable``, such as 'membrane potential (mV)'."""
    name = _NAMES.get(variable, variable)
    unit = _UNICODE_UNITS.get(units, units)
    return f"{name} ({unit})" if unit else name


def readable_scale(largest: float, units: str) -> tuple[float, str]:
    """Return the factor and the units in which values up to ``largest`` read without a power of ten.

    Only concentrations in mM, currents in nA and conductances in uS are rescaled (to uM and nM, to pA, to nS and pS).
    """
    if units in ("mM", "uS") and 0 < largest < 0.1:
        thousandth, millionth = ("uM", "nM") if units == "mM" else ("nS", "pS")
        return (1e3, thousandth) if largest >= 1e-3 else (1e6, millionth)
    if units == "nA" and 0 < largest < 0.1:
        return 1e3, "pA"
    return 1.0, units


def ticks(most: int, *, integer: bool = False) -> MaxNLocator:
    """Return a locator of at most ``most`` intervals between ticks, at round numbers."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=integer)


def short(name: str, among: Iterable[str] = ()) -> str:
    """Return a group's name as figures write it: of a long one its beginning and end, so that room for data is left.

    A name stays whole where another one ``among`` those shown would look the same.
    """
    return name if any(_cut(other) == _cut(name) for other in among if other != name) else _cut(name)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:11]}\N{HORIZONTAL ELLIPSIS}{name[-8:]}"


def width_of_names(names: Iterable[str]) -> float:
    """Return the width in pt of the longest of the groups' names in small letters, as ``short`` writes them."""
    names = list(names)
    return max((len(short(name, names)) for name in names), default=0) * 0.6 * SMALL


def panels(figure: Figure | SubFigure, count: int, columns: int) -> list[Axes]:
    """Return ``count`` axes of one scale in up to ``columns``, row by row; the lowest of each column has numbers."""
    columns = max(1, min(columns, count))
    grid = figure.subplots(-(-count // columns), columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.set_axis_off()
    for axes in grid[max(count - columns, 0) : count]:
        axes.tick_params(labelbottom=True)
    return list(grid[:count])


def signed(value: float) -> str:
    """Return a number as the axes write theirs, with a minus sign instead of a hyphen."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def ink_on(colour: Sequence[float]) -> str:
    """Return black or white, whichever is read better on ``colour`` (red, green, blue from 0 to 1; WCAG 2.1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "white"


def hatch_empty(axes: Axes) -> None:
    """Hatch what a map in ``axes`` leaves empty: a field without a value is not one of value 0."""
    axes.set_facecolor("white")
    axes.patch.set(hatch="////", edgecolor="#bbbbbb")


def round_length(largest: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the greatest that is not above ``largest``: the length of a scale bar."""
    power = 10.0 ** math.floor(math.log10(largest))
    return power * max(step for step in (1, 2, 5) if step * power <= largest * (1 + 1e-7))


def scale_bar(axes: Axes, bottom: float, length: float, text: str) -> None:
    """Draw an upright bar from ``bottom`` on, ``length`` long, beside ``axes`` with a ``text`` that says what it is."""
    beside = axes.get_yaxis_transform()
    axes.plot(
        [1.02, 1.02], [bottom, bottom + length], color="black", linewidth=1.2, solid_capstyle="butt", clip_on=False,
        transform=beside,
    )  # fmt: skip
    axes.annotate(
        text, (1.02, bottom + length / 2), xycoords=beside, xytext=(3, 0), textcoords="offset points", va="center",
        fontsize=SMALL, annotation_clip=False,
    )  # fmt: skip


def legend_above(axes: Axes, handles=None) -> None:
    """Put the legend above ``axes``, where it hides nothing, in as many columns as the figure's width holds."""
    handles = axes.get_legend_handles_labels()[0] if handles is None else handles
    columns = _legend_columns(0.86 * width_of(axes.figure), handles)
    ordered = _read_by_rows(handles, columns)
    axes.legend(handles=ordered, loc="lower left", bbox_to_anchor=(0, 1.04), ncols=columns, **_COMPACT)


def legend_of_figure(figure: Figure | SubFigure, handles, title: str | None = None) -> None:
    """Put one legend above all axes of ``figure``, in as many columns as its width holds."""
    columns = _legend_columns(0.95 * width_of(figure), handles)
    ordered = _read_by_rows(handles, columns)
    figure.legend(
        handles=ordered, loc="outside upper center", ncols=columns, title=title, title_fontsize=SMALL,
        alignment="left", **_COMPACT,
    )  # fmt: skip


def name_rows(axis: Axis, node_ids: np.ndarray) -> None:
    """Write node ids along ``axis`` of a figure whose rows, from 0 on, are these cells in turn, ``node_ids`` (N,)."""
    if len(node_ids) <= _EACH_NAMED:
        axis.set_ticks(range(len(node_ids)), [str(node_id) for node_id in node_ids])
        return
    axis.set_major_locator(ticks(5, integer=True))
    if any(row != node_id for row, node_id in enumerate(node_ids)):
        rows = range(len(node_ids))
        axis.set_major_formatter(lambda row, _: str(node_ids[round(row)]) if round(row) in rows else "")


def in_lines(label: str, width: float) -> str:
    """Return ``label`` in as many lines as fit it into ``width`` (pt), which Matplotlib's layout does not see to."""
    return textwrap.fill(label, max(8, int(width / (0.58 * FONT_SIZE))), break_long_words=False)


def width_of(figure: Figure | SubFigure) -> float:
    """Return the width of a figure or a part of one in pt."""
    return figure.bbox.width / figure.get_figure(root=True).dpi * 72


def height_of(figure: Figure | SubFigure) -> float:
    """Return the height of a figure or a part of one in pt."""
    return figure.bbox.height / figure.get_figure(root=True).dpi * 72


def _read_by_rows(handles: Sequence, columns: int) -> list:
    """Return the handles in the order in which a legend of ``columns``, filled column by column, reads row by row."""
    return [handles[place] for column in range(columns) for place in range(column, len(handles), columns)]


def _legend_columns(width: float, handles) -> int:
    longest = max((len(str(handle.get_label())) for handle in handles), default=0)
    return max(1, min(len(handles), int(width / (longest * 0.58 * SMALL + 20.0))))
