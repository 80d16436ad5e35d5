"""Parameters that several tools share."""

from __future__ import annotations

from .types import Parameter

DEVICE = Parameter(
    "DEVICE",
    "choice",
    "Device",
    "Where the network runs; auto takes a GPU where there is one. What was chosen stands in the log.",
    optional=True,
    default="auto",
    choices=("auto", "cpu", "cuda", "mps"),
)
BAND = Parameter(
    "BAND",
    "band",
    "Band of the input",
    "Which band of the main input to read; needed only where it has several.",
    optional=True,
    minimum=1,
    advanced=True,
)
ZERO_IS_NODATA = Parameter(
    "ZERO_IS_NODATA",
    "boolean",
    "Zero means no data",
    "Treat exact zeros of the inputs as missing, as HyP3 and LiCSAR products do.",
    optional=True,
    default=False,
    advanced=True,
)
TILE_SIZE = Parameter(
    "TILE_SIZE",
    "integer",
    "Tile size",
    "Side of the tiles that are worked on at a time; smaller tiles need less memory. It does not change the result.",
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
    "Another weights file (.safetensors) of the same network, such as one trained on your own data.",
    optional=True,
    advanced=True,
)
