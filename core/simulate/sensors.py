"""Radar satellites: what a scene needs to know of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sensor:
    """Wavelength and slant range in m, incidence range in degrees, ground size of one look in m, days between passes.

    `noise` is the noise-equivalent backscatter in dB, `baseline` the usual perpendicular baseline in m.
    """

    name: str
    wavelength: float
    slant_range: float
    incidence: tuple[float, float]
    single_look: float
    repeat_days: float
    noise: float
    baseline: float
    bandwidth: float  # Hz, for the baseline at which coherence is lost


SENSORS = (
    Sensor("Sentinel-1", 0.05546576, 880e3, (30.0, 45.0), 10.0, 6.0, -24.0, 70.0, 56e6),
    Sensor("TerraSAR-X", 0.0311, 620e3, (22.0, 48.0), 2.5, 11.0, -22.0, 120.0, 150e6),
    Sensor("ALOS-2", 0.2362, 730e3, (30.0, 45.0), 7.0, 14.0, -28.0, 120.0, 40e6),
    Sensor("ENVISAT", 0.0562, 850e3, (19.0, 27.0), 12.0, 35.0, -24.0, 180.0, 16e6),
    Sensor("NISAR", 0.2384, 850e3, (33.0, 47.0), 6.0, 12.0, -25.0, 150.0, 40e6),
)
SENSOR_WEIGHTS = (5.0, 2.0, 2.0, 0.5, 0.5)
SPEED_OF_LIGHT = 299_792_458.0
C_BAND = 0.0555  # m; the wavelength that land-cover decay times are given for
