"""Types files: what is written is read back, and numbers, words and gaps stay what they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.errors import InputError, MissingFile
from colonnade.sonata.types import ABSENT, literal, read_types, write_types

words = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"], include_characters=" "), min_size=1
).filter(lambda word: word not in ABSENT and word == word.strip() and not _is_number(word))
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)


def _is_number(word):
    try:
        float(word)
    except ValueError:
        return word.lower() in ("true", "false")
    return True


def column(path, name):
    table = read_types(path, "node_type_id")
    return table.values(name, table.ids)


@given(st.lists(words | st.none(), min_size=1, max_size=6))
@settings(max_examples=60)
def test_words_and_gaps_come_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("types") / "types.csv"
    write_types(path, "node_type_id", [{"node_type_id": i, "word": value} for i, value in enumerate(values)])
    assert column(path, "word").tolist() == values


@given(st.lists(numbers | st.none(), min_size=1, max_size=6).filter(lambda values: any(v is not None for v in values)))
@settings(max_examples=60)
def test_numbers_come_back_to_the_bit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("types") / "types.csv"
    write_types(path, "node_type_id", [{"node_type_id": i, "x": value} for i, value in enumerate(values)])
    expected = np.array([np.nan if value is None else value for value in values])
    np.testing.assert_array_equal(column(path, "x"), expected)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=2), st.lists(st.sampled_from(["basal", "apical"]), min_size=1))
@settings(max_examples=20)
def test_lists_come_back_as_literals(tmp_path_factory, span, sections):
    path = tmp_path_factory.mktemp("types") / "types.csv"
    write_types(path, "node_type_id", [{"node_type_id": 1, "span": span, "sections": tuple(sections)}])
    assert literal(column(path, "span")[0]) == span
    assert literal(column(path, "sections")[0]) == tuple(sections)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("node_type_id a b\n100 1 NULL\n101 2 x\n", {"a": [1, 2], "b": [None, "x"]}),
        ("a node_type_id b \n1 100 x \n2 101 y \n", {"a": [1, 2], "b": ["x", "y"]}),
        ("node_type_id a b\n100 w x\n101  y\n102 z\n", {"a": ["w", None, "z"], "b": ["x", "y", None]}),
        ("node_type_id a a\n100 1 2\n", {"a": [1]}),
        ("node_type_id a\r\n100 True\r\n101 False\r\n\r\n", {"a": [True, False]}),
        ('node_type_id a\n100 "two words"\n', {"a": ["two words"]}),
        ("node_type_id a\n100 NONE\n", {"a": [None]}),
    ],
)
def test_files_as_others_write_them(tmp_path, text, expected):
    (tmp_path / "types.csv").write_text(text)
    assert {name: column(tmp_path / "types.csv", name).tolist() for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no id column"),
        ("nodetypeid a\n100 1\n", "Did you mean 'nodetypeid'"),
        ("node_type_id a\n100 1\n100 2\n", "repeated"),
        ("node_type_id a\nNULL 1\n", "empty"),
        ("node_type_id a\n100 1 2 3\n", "row 1 has 4 values for 2 columns"),
    ],
)
def test_broken_files_are_refused_with_the_reason(tmp_path, text, reason):
    (tmp_path / "types.csv").write_text(text)
    with pytest.raises(InputError, match=rf"types\.csv.*{reason}"):
        read_types(tmp_path / "types.csv", "node_type_id")


def test_no_file_is_no_columns_but_a_missing_one_is_an_error(tmp_path):
    assert read_types(None, "node_type_id").columns == []
    with pytest.raises(MissingFile, match=r"gone\.csv"):
        read_types(tmp_path / "gone.csv", "node_type_id")
