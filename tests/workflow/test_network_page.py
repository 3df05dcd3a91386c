"""The page of a network in a real browser: it draws, turns, and tells the connections of a cell that is clicked."""

import pytest
from chromium import CHROMIUM, with_page
from small_result import write_result

from colonnade.analysis.result import Result
from colonnade.figures.kinds import network_view
from colonnade.figures.saving import save_page

INK = """(() => { const c = document.querySelector('canvas');
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.reduce((sum, value) => sum + value, 0); })()"""
CLICK = """(() => { const c = document.querySelector('canvas'), box = c.getBoundingClientRect(), at = drawn.at(-1);
  for (const kind of ['pointerdown', 'pointerup']) c.dispatchEvent(new PointerEvent(kind,
    {pointerId: 1, clientX: box.left + at[1][0], clientY: box.top + at[1][1], bubbles: true})); return at[0]; })()"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_network_can_be_turned_and_asked_without_errors_or_requests(tmp_path):
    result = Result.from_config(write_result(tmp_path / "result", tstop=100.0))
    path = tmp_path / "network.html"
    save_page(network_view.page(result, {"most_connections": 10**6}), path, {}, title="network")

    async def visit(page):
        await page.evaluate("HTMLCanvasElement.prototype.setPointerCapture = () => {}")
        before = await page.evaluate(INK)
        await page.evaluate("view.azimuth += 90; draw()")
        turned = await page.evaluate(INK)
        cell = await page.evaluate(CLICK)
        said = await page.evaluate("document.getElementById('said').textContent")
        hidden = await page.evaluate("document.querySelector('#groups input').click(); drawn.length")
        return before, turned, cell, said, hidden, page.errors, page.requests

    before, turned, cell, said, hidden, errors, requests = with_page(path.as_uri(), tmp_path, visit)
    assert errors == []
    assert [url for url in requests if not url.startswith("file:")] == []
    assert 0 < before != turned > 0
    wired = result.wiring(result.edges["mcortex_to_mcortex"])
    incoming, outgoing = (int((ends == cell).sum()) for ends in (wired.target, wired.source))
    assert said.endswith(f"node {cell}: connections from {incoming} cells (blue), to {outgoing} cells (red).")
    assert hidden == 60  # the first group has 40 of the 100 cells
