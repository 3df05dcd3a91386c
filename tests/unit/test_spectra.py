"""Power densities against those of scipy.signal."""

import numpy as np
import pytest
from scipy import signal

from colonnade.analysis.spectra import power_densities, welch
from colonnade.streams import stream


@pytest.mark.parametrize("length", [2, 7, 64, 300])
@pytest.mark.parametrize("shape", [(300,), (300, 3)])
def test_a_spectrum_is_that_of_scipy(length, shape):
    values = 5.0 + stream(3, "signal").normal(size=shape)
    frequencies, power = welch(values, 250.0, length)
    expected = signal.welch(values, fs=250.0, nperseg=length, axis=0)
    np.testing.assert_allclose(frequencies, expected[0], rtol=1e-14)
    np.testing.assert_allclose(power, expected[1], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(("length", "shared"), [(50, 0), (51, 40), (300, 10)])
def test_each_segment_is_that_of_scipys_spectrogram(length, shared):
    values = stream(4, "signal").normal(size=300)
    _, power = power_densities(values, 1000.0, length, shared)
    _, _, expected = signal.spectrogram(values, 1000.0, "hann", length, shared)
    np.testing.assert_allclose(power.T, expected, rtol=1e-10, atol=1e-18)


def test_a_recording_of_one_sample_has_no_power():
    frequencies, power = welch(np.array([3.0]), 1000.0, 2)
    assert (frequencies, power) == (0.0, 0.0)
