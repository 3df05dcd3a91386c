"""Every measure of a cell keeps the contract; a measure is tested by being there."""

import numpy as np
import pytest

from colonnade.analysis.activity import activity
from colonnade.analysis.measures import MEASURES, measure
from colonnade.errors import InputError
from colonnade.experiment.schema import config_schema


@pytest.mark.parametrize("key", MEASURES)
class TestMeasure:
    def test_it_has_a_value_for_each_cell_and_nan_or_zero_for_silent_ones(self, key):
        spikes = activity([10.0, 20.0, 40.0, 50.0, 5.0], [1, 1, 1, 1, 2], cells=[0, 1, 2], window=(0.0, 100.0))
        values = measure(key).function(spikes, 25.0)
        assert values.shape == (3,)
        assert np.isnan(values[0]) or values[0] == 0.0
        assert np.isfinite(values[1])

    def test_its_distribution_has_no_gaps(self, key):
        spikes = activity([10.0, 20.0, 40.0], [1, 1, 1], cells=[0, 1], window=(0.0, 100.0))
        values = measure(key).distribution(spikes, 25.0)
        assert len(values)
        assert np.isfinite(values).all()

    def test_nobody_has_no_value(self, key):
        assert measure(key).function(activity([], [], cells=[], window=(0.0, 100.0)), 25.0).shape == (0,)

    def test_tables_figures_and_config_know_it(self, key):
        found = measure(key)
        assert found.label
        assert found.title
        assert found.column.startswith(key)
        assert found.column_of("mean") == f"{key}_mean" + (f"_{found.unit}" if found.unit else "")
        figures = config_schema()["properties"]["figures"]["additionalProperties"]
        branch = next(part for part in figures["allOf"] if part["if"]["properties"]["kind"]["const"] == "distributions")
        assert key in branch["then"]["properties"]["measures"]["items"]["enum"]


def test_a_measure_that_is_not_there_gets_the_nearest_name():
    with pytest.raises(InputError, match=r"'cvv'.*Did you mean 'cv'"):
        measure("cvv")
