"""Wavelengths of radar satellites, from the carrier frequencies that their agencies publish."""

from __future__ import annotations

import math

from ..errors import InputError

MILLIMETRES = 1000.0  # in a metre
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


def millimetres_per_radian(length: float | None, sensor: str, sign: str) -> float:
    """Millimetres toward the satellite for each radian: wavelength over 4 pi, for the wave goes there and back.

    `length` (m) counts before the sensor's; `sign` is what positive phase means, "away" or "toward". Raises InputError
    where neither a length nor a sensor of CARRIERS is given. Hanssen (2001), section 2.4.
    """
    if length is None and sensor not in CARRIERS:
        message = f"SENSOR is {sensor}, so the wavelength is not known. Give WAVELENGTH in metres."
        raise InputError(message)
    metres = wavelength(sensor) if length is None else length
    return (1.0 if sign == "toward" else -1.0) * MILLIMETRES * metres / (4.0 * math.pi)
