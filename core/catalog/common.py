"""Parameters that several tools share."""

from __future__ import annotations

from .types import Parameter

DEVICE = Parameter(
    "DEVICE",
    "choice",
    "Device",
    "Where the network runs: auto takes a graphics card (cuda: NVIDIA, mps: Apple) where there is one that works, else"
    " the processor (cpu). The log says which was taken.",
    optional=True,
    default="auto",
    choices=("auto", "cpu", "cuda", "mps"),
)
BAND = Parameter(
    "BAND",
    "band",
    "Band of the input",
    "Which band of the main input to read, counted from 1. Needed only where it has several.",
    optional=True,
    minimum=1,
    advanced=True,
)
ZERO_IS_NODATA = Parameter(
    "ZERO_IS_NODATA",
    "boolean",
    "Zero means no data",
    "Treat pixels that are exactly zero as missing. LiCSAR and HyP3 products mark missing pixels so; where a file has"
    " the name of one, this is done without asking.",
    optional=True,
    default=False,
    advanced=True,
)
COHERENCES = Parameter(
    "COHERENCES",
    "rasters",
    "Coherences",
    "Coherence of each interferogram, 0 to 1, or 0 to 255 as 8-bit integers, on the same grid. They are found by the"
    " dates in their names, else taken in the order of the interferograms.",
    optional=True,
)
TILE_SIZE = Parameter(
    "TILE_SIZE",
    "integer",
    "Tile size",
    "Side of the square tiles that are worked on one after the other. Choose a smaller one where memory runs out; the"
    " result stays the same.",
    optional=True,
    default=1024,
    minimum=128,
    maximum=8192,
    unit="pixels",
    advanced=True,
)
MODEL = Parameter(
    "MODEL",
    "file",
    "Weights",
    "Another weights file (.safetensors) of the same network, such as one that was trained on your own data. Leave it"
    " empty for the weights that come with FringeLens.",
    optional=True,
    advanced=True,
)
# Those whose wavelength core/phase/wavelengths.py has.
SENSORS = (
    "sentinel1", "alos2", "alos", "terrasarx", "cosmoskymed", "envisat", "ers", "radarsat2", "saocom", "nisar",
)  # fmt: skip
SENSOR = Parameter(
    "SENSOR",
    "choice",
    "Sensor",
    "Whose wavelength to take; other needs WAVELENGTH.",
    optional=True,
    default="sentinel1",
    choices=(*SENSORS, "other"),
)
WAVELENGTH = Parameter(
    "WAVELENGTH",
    "number",
    "Wavelength",
    "Radar wavelength; counts before the sensor's.",
    optional=True,
    minimum=0.005,
    maximum=2.0,
    unit="m",
)
