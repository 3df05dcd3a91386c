"""Every claim of docs/from-bmtk.md points at a test that is there."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "from-bmtk.md"
LINK = re.compile(r"\]\((\.\./tests/[^)#]+)#(\w+)\)")


@pytest.mark.parametrize(("file", "test"), sorted(set(LINK.findall(PAGE.read_text()))))
def test_the_linked_test_exists(file, test):
    path = (PAGE.parent / file).resolve()
    assert path.is_file()
    assert re.search(rf"^ *def {test}\(", path.read_text(), re.MULTILINE)


def test_every_row_of_a_table_of_claims_has_a_link():
    _, *sections = PAGE.read_text().split("\n## ")
    for section in sections:
        title, *lines = section.splitlines()
        rows = [
            line for line in lines if line.startswith("| ") and not line.startswith(("| ---", "| what", "| BMTK |"))
        ]
        if title in ("The same", "Different"):
            assert rows
            assert [row for row in rows if not LINK.search(row)] == []
