"""Catalog entry of `reconstructphase`."""

from __future__ import annotations

from .common import BAND, DEVICE, MODEL, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="reconstructphase",
    name="Fill gaps in the phase",
    group="Phase",
    summary="Continues the fringes of a wrapped interferogram into decorrelated areas, and says how surely.",
    help=(
        "Fills what is masked, of low coherence or without data, and leaves every other pixel as it is to the last bit."
        "\n\nThe network works as in the paper: first it continues the fringes into the gap, then it fills the"
        " phase along them. Fringe lines are the places where the phase wraps, which stand for the edges that the paper"
        " takes from a layer of VGG-19; how fast the phase turns is continued along with them, because that has no"
        " jumps. What is filled is a prediction, best where gaps are narrow against the fringes: look at CONFIDENCE."
        "\n\nTOPOGRAPHIC_PHASE is the answer to steep terrain, where fringes are denser than pixels can show: the phase"
        " that a DEM predicts is subtracted, the smooth rest is filled, and the prediction is added again.\n\n"
        "laplace draws the smoothest complex surface over the rim of each gap; unwrap unwraps what is known"
        " (minimum-cost flow), draws a thin plate across, and wraps again. They are there for comparison."
    ),
    parameters=(
        Parameter("INPUT", "raster", "Wrapped interferogram", "Phase in radians, -pi to pi, or complex.", unit="rad"),
        Parameter(
            "MASK",
            "raster",
            "Mask",
            "1 where the phase is to be filled, as 'Mask decorrelated areas' gives it; 0 and no data are kept. Pixels"
            " of the input without data are filled too.",
            optional=True,
        ),
        Parameter(
            "COHERENCE",
            "raster",
            "Coherence",
            "Estimated coherence, 0 to 1, or 0 to 255 as 8-bit integers. Without MASK it says what is to be filled; the"
            " network also learns from it which pixels to trust.",
            optional=True,
        ),
        Parameter(
            "TOPOGRAPHIC_PHASE",
            "raster",
            "Topographic phase",
            "Phase that is predicted from a DEM, of the same sign as the input; wrapped or not. Where it has no data"
            " nothing is filled.",
            optional=True,
            unit="rad",
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "network; laplace: the smoothest complex surface; unwrap: minimum-cost flow and a thin plate.",
            optional=True,
            default="network",
            choices=("network", "laplace", "unwrap"),
        ),
        Parameter(
            "COHERENCE_THRESHOLD",
            "number",
            "Coherence threshold",
            "Pixels of less coherence, or without any, are filled (only without MASK).",
            optional=True,
            default=0.5,
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            "MAX_GAP",
            "number",
            "Widest gap",
            "Where a disk of this diameter fits into a gap, it is too wide to be filled and stays without data; narrow"
            " arms of the same gap are filled.",
            optional=True,
            default=64.0,
            minimum=1.0,
            maximum=128.0,
            unit="pixels",
        ),
        Parameter(
            "MIN_CONFIDENCE",
            "number",
            "Least confidence",
            "Gap pixels of less confidence stay without data (network only); 0 fills all.",
            optional=True,
            default=0.0,
            minimum=0.0,
            maximum=1.0,
            advanced=True,
        ),
        DEVICE,
        BAND,
        ZERO_IS_NODATA,
        TILE_SIZE,
        MODEL,
    ),
    outputs=(
        Output(
            "OUTPUT",
            "raster",
            "Filled interferogram",
            "Wrapped phase; observed pixels are those of the input, NaN is no data.",
            unit="rad",
            style="wrapped_phase",
        ),
        Output(
            "FRINGES",
            "raster",
            "Fringe lines",
            "1 where the filled phase differs by more than pi from the next pixel right or down, 0 elsewhere, 255 no"
            " data.",
            optional=True,
            style="fringes",
        ),
        Output(
            "CONFIDENCE",
            "raster",
            "Confidence",
            "Expected cosine of the phase error, 0 (nothing known) to 1 (certain); 1 where the phase was observed. 0.95"
            " means errors of about 0.3 rad, 0.5 about 1.2 rad (standard deviation). Only the network gives one.",
            optional=True,
            style="confidence",
        ),
        Output("FILLED_SHARE", "number", "Filled share", "Share of the gap pixels that were filled, 0 to 1."),
    ),
    paper=(
        "Abdallah, Ding, Wu (2025), A Novel Model for Interferometric Phase Reconstruction Based on Multi-Stage"
        " Conditional GANs, ISPRS Annals X-G-2025, 11-17"
    ),
    tags=("gaps", "filling", "inpainting", "fringes", "decorrelation", "phase", "interpolation", "insar", "sar"),
    network="phase_filling",
    pictures=("benchmark-phase_filling-examples.png",),
)
