"""Extracellular potentials as they were recorded: read, filtered, their spectra and the power in bands."""

import os
from dataclasses import dataclass

import h5py
import numpy as np

from colonnade.analysis.spectra import welch
from colonnade.errors import InputError, MissingFile

BANDS = {"delta": (1.0, 4.0), "theta": (4.0, 8.0), "alpha": (8.0, 13.0), "beta": (13.0, 30.0), "gamma": (30.0, 100.0)}
FILTER_ORDER = 4
SAME_PLACE = 1e-9  # um


@dataclass(frozen=True)
class FieldPotential:
    """Potentials (T, C) in mV at the ``channels`` (C,) of an electrode at ``positions`` (C, 3) in um.

    ``times`` (T,) in ms are a step ``dt`` (ms) apart.
    """

    times: np.ndarray
    potentials: np.ndarray
    channels: np.ndarray
    positions: np.ndarray
    dt: float

    @property
    def axis(self) -> int | None:
        """The one axis (0, 1 or 2) along which the channels differ; None where there are several."""
        differ = np.flatnonzero(np.ptp(self.positions, axis=0) > SAME_PLACE)
        return int(differ[0]) if len(differ) == 1 else None

    def within(self, window: tuple[float, float]) -> "FieldPotential":
        """Return the part from the first to the second time (ms)."""
        inside = (self.times >= window[0] - self.dt / 2) & (self.times <= window[1] + self.dt / 2)
        return FieldPotential(self.times[inside], self.potentials[inside], self.channels, self.positions, self.dt)

    def low_pass(self, frequency: float) -> "FieldPotential":
        """Return what is below ``frequency`` (Hz), without a shift in time: a Butterworth filter both ways."""
        from scipy.signal import butter, sosfiltfilt

        if not 0 < frequency < 500.0 / self.dt:
            raise InputError("no frequency that can be filtered", key="low_pass", value=frequency,
                             expected=f"Hz, above 0 and below {500.0 / self.dt:g}")  # fmt: skip
        sections = butter(FILTER_ORDER, frequency, fs=1000.0 / self.dt, output="sos")
        if len(self.times) <= 3 * (2 * len(sections) + 1):
            return self
        filtered = sosfiltfilt(sections, self.potentials, axis=0)
        return FieldPotential(self.times, filtered, self.channels, self.positions, self.dt)


def read_field_potential(path: str | os.PathLike, population: str | None = None) -> FieldPotential:
    """Read the potentials of an electrode, those of all cells or those of one ``population``."""
    try:
        with h5py.File(path) as file:
            group = file["ecp"]
            parts = list(group["populations"]) if "populations" in group else []
            if population is not None and population not in parts:
                raise InputError("the electrode has no part of this population", file=path, key="population",
                                 value=population, options=parts)  # fmt: skip
            data = group["data"] if population is None else group[f"populations/{population}"]
            potentials, channels = data[()], group["channel_id"][()]
            start, _, dt = (float(value) for value in group["time"][()])
            positions = group["positions"][()] if "positions" in group else np.full((len(channels), 3), np.nan)
    except FileNotFoundError:
        raise MissingFile("there are no potentials of an electrode; has the simulation been run?", file=path) from None
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"not the potentials of an electrode ({error})", file=path) from None
    times = start + dt * np.arange(1, len(potentials) + 1)
    return FieldPotential(times, potentials, channels, positions, dt)


def field_parts(path: str | os.PathLike) -> list[str]:
    """Return the names of the populations whose parts an electrode's file has."""
    with h5py.File(path) as file:
        return list(file["ecp"].get("populations", ()))


def field_spectrum(field: FieldPotential, segment: float) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies (F,) in Hz and power densities (F, C) in mV2/Hz (Welch 1967, doi:10.1109/TAU.1967.1161901).

    ``segment`` (ms) is the length of the windows, half of which overlap; a shorter recording is one window.
    """
    length = max(2, min(len(field.times), round(segment / field.dt)))
    return welch(field.potentials, 1000.0 / field.dt, length)


def power_in(frequencies: np.ndarray, power: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """Return the power (C,) in mV2 of a spectrum within a band of frequencies (Hz), its upper end excluded."""
    inside = (frequencies >= band[0]) & (frequencies < band[1])
    return power[inside].sum(axis=0) * (frequencies[1] - frequencies[0])
