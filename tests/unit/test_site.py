"""The site of the docs builds without a warning, all its links lead somewhere, and it asks nothing of the network."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from colonnade.public import public_names

pytestmark = pytest.mark.xdist_group("site")

ROOT = Path(__file__).resolve().parents[2]


class Links(HTMLParser):
    """Collects what a page refers to, and the places in it that can be referred to."""

    def __init__(self, text: str):
        super().__init__()
        self.targets, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.targets += [found[key] for key in ("href", "src") if found.get(key)]
        self.anchors |= {found[key] for key in ("id", "name") if found.get(key)}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT / "src")}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return folder


def test_every_link_leads_to_a_page_and_a_place_in_it(site):
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for target in page.targets:
            address = urlparse(target)
            if address.scheme or address.netloc or path.name == "404.html":
                continue
            there = (path.parent / unquote(address.path)).resolve() if address.path else path
            there = there / "index.html" if there.is_dir() else there
            if not there.is_file() or (
                address.fragment and there in pages and address.fragment not in pages[there].anchors
            ):
                broken.append(f"{path.relative_to(site)}: {target}")
    assert len(pages) > 15
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(site):
    for path in site.rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|link rel=\"stylesheet\")[^>]*(?:src|href)=\"(https?:[^\"]+)", path.read_text()
        )
        assert loaded == [], path


def test_every_public_name_is_there_explained_and_on_its_page(site):
    for module, names in public_names().items():
        page = (site / "api" / module / "index.html").read_text(encoding="utf-8")
        for name in names:
            assert getattr(import_module(module), name).__doc__, f"{module}.{name}"
            assert f'id="{name.lower()}"' in page, f"{module}.{name}"
