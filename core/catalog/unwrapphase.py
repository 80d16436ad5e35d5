"""Catalog entry of `unwrapphase`."""

from __future__ import annotations

from .common import BAND, DEVICE, MODEL, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="unwrapphase",
    name="Unwrap phase",
    group="Phase",
    summary="Adds the whole cycles that wrapping took from a phase, also where fringes are too dense to count.",
    help=(
        "Minimum-cost flow (mcf) finds the cheapest set of phase jumps and is right where neighbouring pixels differ by"
        " less than half a cycle. In troughs over mines and other fast, small movements they do not, and any"
        " such method returns a fraction of the true depth.\n\n"
        "The default (combined) lets a network, which has seen many such troughs, predict the gradients there, takes"
        " the predicted field out of the phase, unwraps what is left by minimum-cost flow, and puts the field back."
        " Where there is no steep trough, the result is that of mcf, unchanged. Whatever the method, the result"
        " differs from the input by whole cycles at every pixel (to the precision of 32-bit numbers), and the phase"
        " itself is not filtered.\n\n"
        "The level is that of the largest connected component, half of whose pixels lie in or below the cycle of zero."
        " Areas that no phase connects, such as islands, each go on from their nearest neighbour as the phase along"
        " both shores leads to it. That is a guess, so compare components with care."
        "\n\nLarge rasters are unwrapped in overlapping tiles that are brought to one level by whole cycles. Rasters no"
        " larger than TILE_SIZE are unwrapped in one piece. Disk: 10 bytes a pixel in the folder for temporary files."
    ),
    parameters=(
        Parameter("INPUT", "raster", "Wrapped interferogram", "Phase in radians, -pi to pi, or complex.", unit="rad"),
        Parameter(
            "COHERENCE",
            "raster",
            "Coherence",
            "Estimated coherence, 0 to 1, or 0 to 255 as 8-bit integers. Without it, how well neighbouring phases agree"
            " stands in for it.",
            optional=True,
        ),
        Parameter(
            "MASK",
            "raster",
            "Mask",
            "1 where the phase is to be left out, as 'Mask decorrelated areas' gives it; 0 and no data are kept.",
            optional=True,
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "combined: mcf, with the network in troughs that are too steep for it; mcf: minimum-cost flow; network: the"
            " network's field alone, brought to whole cycles; snaphu: SNAPHU, where you have installed its package,"
            " which is free for non-commercial use only.",
            optional=True,
            default="combined",
            choices=("combined", "mcf", "network", "snaphu"),
        ),
        Parameter(
            "LOOKS",
            "number",
            "Looks",
            "Independent looks in a pixel: how far the coherence can be trusted. About 4 for single bursts at full"
            " resolution, 10 to 30 for most products.",
            optional=True,
            default=10.0,
            minimum=1.0,
            maximum=10000.0,
        ),
        Parameter(
            "GOLDSTEIN",
            "number",
            "Goldstein filter",
            "Strength of an adaptive filter, 0 (none) to 1, that guides minimum-cost flow through noise: 0.5 helps"
            " where coherence is below about 0.4, more may lose steep troughs. The phase itself is not filtered (mcf"
            " and combined only).",
            optional=True,
            default=0.0,
            minimum=0.0,
            maximum=1.0,
            advanced=True,
        ),
        DEVICE,
        BAND,
        ZERO_IS_NODATA,
        Parameter(
            "TILE_SIZE",
            "integer",
            "Tile size",
            "Rasters larger than this are unwrapped in overlapping tiles of this side. Larger tiles need more memory"
            " (about 150 bytes a pixel) and connect better what is connected far around.",
            optional=True,
            default=2048,
            minimum=256,
            maximum=16384,
            unit="pixels",
            advanced=True,
        ),
        MODEL,
    ),
    outputs=(
        Output("OUTPUT", "raster", "Unwrapped phase", "Radians, NaN is no data.", unit="rad", style="unwrapped_phase"),
        Output(
            "COMPONENTS",
            "raster",
            "Connected components",
            "Areas within which the number of cycles is sure: 1 is the largest, 0 belongs to none, 65535 is no data.",
            optional=True,
            style="components",
        ),
        Output("COMPONENT_COUNT", "number", "Number of components", "0 where no pixel is sure."),
    ),
    paper=(
        "Wu et al. (2022), IEEE TGRS 60; Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.3;"
        " Costantini (1998), IEEE TGRS 36(3)"
    ),
    pictures=("benchmark-phase_unwrapping-examples.png",),
    tags=("unwrapping", "phase", "mcf", "snaphu", "minimum cost flow", "subsidence", "mining", "insar", "sar"),
    network="phase_unwrapping",
)
