"""What a printed figure must not have: text that is clipped, that covers other text, or that is too small to read."""

import itertools

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text


def drawn_texts(figure: Figure, monkeypatch) -> list[Text]:
    """Return the texts that drawing the figure puts on paper, at their final places."""
    drawn = []
    canvas = FigureCanvasAgg(figure)
    original = Text.draw

    def draw(self, renderer):
        if self.get_visible() and self.get_text().strip():
            drawn.append(self)
        return original(self, renderer)

    monkeypatch.setattr(Text, "draw", draw)
    canvas.draw()
    monkeypatch.setattr(Text, "draw", original)
    return list({id(text): text for text in drawn}.values())


def corners(text: Text) -> np.ndarray:
    """Return the corners (4, 2) in pixels of the rectangle that the text fills, turned as the text is."""
    middle = np.array(text.get_window_extent().bounds).reshape(2, 2)
    middle = middle[0] + middle[1] / 2
    angle = text.get_rotation()
    text.set_rotation(0)
    half = np.array(text.get_window_extent().bounds[2:]) / 2
    text.set_rotation(angle)
    turn = np.deg2rad(angle)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    # The rectangle of a line of text holds room for letters that it does not have: a tenth is no ink.
    return middle + 0.9 * half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) @ turned


def overlap(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two rectangles (4, 2) share area: no line along a side of either parts them."""
    for shape in (one, other):
        for side in (shape[1] - shape[0], shape[2] - shape[1]):
            first, second = one @ side, other @ side
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


def faults(figure: Figure, monkeypatch) -> list[str]:
    """Return a sentence for each fault of the figure's texts."""
    texts = drawn_texts(figure, monkeypatch)
    places = {id(text): corners(text) for text in texts}
    width, height = figure.canvas.get_width_height()
    found = []
    for text in texts:
        low, high = places[id(text)].min(axis=0), places[id(text)].max(axis=0)
        if (low < -0.5).any() or high[0] > width + 0.5 or high[1] > height + 0.5:
            found.append(f"{text.get_text()!r} is clipped")
        if text.get_fontsize() < 6.0:
            found.append(f"{text.get_text()!r} is {text.get_fontsize()} pt")
    for one, other in itertools.combinations(texts, 2):
        if overlap(places[id(one)], places[id(other)]):
            found.append(f"{one.get_text()!r} covers {other.get_text()!r}")
    return found
