"""Wavelengths of radar satellites, from the carrier frequencies that their agencies publish."""

from __future__ import annotations

SPEED_OF_LIGHT = 299_792_458.0  # m/s

CARRIERS = {  # Hz
    "sentinel1": 5.405000454e9,
    "alos2": 1.2365e9,
    "alos": 1.27e9,
    "terrasarx": 9.65e9,
    "cosmoskymed": 9.6e9,
    "envisat": 5.331e9,
    "ers": 5.3e9,
    "radarsat2": 5.405e9,
    "saocom": 1.275e9,
    "nisar": 1.257e9,
}


def wavelength(sensor: str) -> float:
    """Wavelength (m) of a sensor of CARRIERS; KeyError for others."""
    return SPEED_OF_LIGHT / CARRIERS[sensor]
