"""Catalog entry of `detectsubsidence`."""

from __future__ import annotations

from .common import BAND, DEVICE, MODEL, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="detectsubsidence",
    name="Detect subsidence",
    group="Detection",
    summary="Finds troughs over mines, sinkholes and sinking ground in one wrapped interferogram.",
    help=(
        "Looks for places where fringes close around a point: troughs over mine panels, sinkholes, bowls of compacting"
        " ground. A trough may have many fringes, denser than unwrapping can follow, or less than one. Each detection"
        " is a polygon with a score, its area, and the number of fringes from its outline to its deepest point.\n\n"
        "The network is the one that 'Unwrap phase' uses, with a second head, which also sees the phase averaged over"
        " 4 to 16 pixels and was trained to tell troughs from turbulent air, air in layers over hills, errors of the"
        " elevation model, ramps, ruptures and noise. It learnt on simulated interferograms.\n\n"
        "One interferogram is enough, but a bowl of less than half a fringe cannot be told from a patch of moist air in"
        " it. Where you have several of the same span, average them first: the mean of the complex numbers"
        " exp(i phase), or the wrapped mean of unwrapped ones; air averages out and movement stays. Longer spans show"
        " slower movement.\n\n"
        "What the network can tell is a matter of pixels: troughs are found from about 5 to 150 pixels across. For"
        " broader bowls average the interferogram to larger pixels first. Topography must have been taken out. Uplift"
        " is found as well as subsidence: the sign of peak_rad says which, by the sign of your interferogram. A bowl of"
        " that size over a volcano or a small earthquake has the same fringes and is reported too.\n\n"
        "The method 'fringes' needs no network: it takes the divergence of the fringe rate at four sizes, which is the"
        " curvature of the phase, and its score is a half where a bowl is half a fringe deep. It is there for"
        " comparison; it cannot tell a bowl of the ground from one of the air.\n\n"
        "The interferogram needs a CRS, since areas are measured on the ground."
    ),
    parameters=(
        Parameter(
            "INPUT",
            "raster",
            "Wrapped interferogram",
            "Phase in radians, -pi to pi, or a complex interferogram; topography taken out.",
            unit="rad",
        ),
        Parameter(
            "COHERENCE",
            "raster",
            "Coherence",
            "Coherence on the same grid, 0 to 1, or 0 to 255 as 8-bit integers. Helps where much of the ground is"
            " decorrelated; not used by fringes.",
            optional=True,
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "network: the trained network; fringes: divergence of the fringe rate, for comparison.",
            optional=True,
            default="network",
            choices=("network", "fringes"),
        ),
        Parameter(
            "CONFIDENCE",
            "number",
            "Least confidence",
            "Detections with a lower score are left out. Higher gives fewer false alarms, lower finds more.",
            optional=True,
            default=0.5,
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            "MIN_AREA",
            "number",
            "Least area",
            "Smaller detections are left out, as are those of less than 12 pixels.",
            optional=True,
            default=10_000.0,
            minimum=0.0,
            unit="m²",
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
            "vector",
            "Subsidence",
            "Polygons, surest first: score, area_m2, mean_probability, peak_probability, fringes, peak_rad, pixels.",
            style="subsidence",
        ),
        Output(
            "PROBABILITY",
            "raster",
            "Probability of subsidence",
            "0 to 1 for each pixel; NaN is no data.",
            optional=True,
            style="probability",
        ),
        Output("COUNT", "number", "Detections", "How many polygons there are."),
    ),
    paper=(
        "Wu et al. (2022), IEEE TGRS 60; Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.3;"
        " Lindeberg (1998), IJCV 30(2)"
    ),
    pictures=("benchmark-subsidence_detection-examples.png",),
    tags=("subsidence", "mining", "sinkhole", "detection", "fringes", "deformation", "insar", "sar"),
    network="subsidence_detection",
)
