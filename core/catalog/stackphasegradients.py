"""Catalog entry of `stackphasegradients`."""

from __future__ import annotations

from .common import BAND, COHERENCES, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="stackphasegradients",
    name="Stack phase gradients",
    group="Detection",
    summary="Averages the phase gradients of many wrapped interferograms into a rate, without unwrapping.",
    help=(
        "What creeps a few centimetres a year is lost in the air of a single interferogram, but it is in all of them."
        " This takes the difference of the phase between the pixels STEP before and STEP after, in every interferogram,"
        " and averages it over all of them. Long waves, such as the air of a whole valley or orbits, hardly change over"
        " a few pixels and vanish; the rim of a landslide stays, as a pair of red and blue. Nothing is unwrapped, so"
        " nothing can be unwrapped wrongly. Give tens to a thousand interferograms of one track; the more, the smaller"
        " the movement that shows. Look for landslides in the result with 'Detect landslides'.\n\n"
        "Complex products are averaged and never angles, so that wraps do not count. Each is weighted by what its"
        " coherence says of its noise, where COHERENCES are given, and long time spans count by the signal they carry:"
        " the rate is the weighted least-squares line through the products of all spans. It is right while the phase"
        " over 2 STEP stays below half a cycle in the mean span: with STEP 3 and 24 days, up to 8 radians per year"
        " and pixel (3.5 cm/yr per pixel in C band); and further where there are shorter spans and little noise. Where"
        " more moves, choose a smaller STEP or MAX_DAYS. The sign is that of the phase as given, x from left to right"
        " and y from top to bottom.\n\n"
        "The dates are read from the names of the files or of the folders they lie in, in the ways of LiCSAR, HyP3,"
        " ARIA, OPERA, NISAR, ISCE, GAMMA, SNAP, GMTSAR, PyRate and MintPy; with other names give DATES. Unwrapped"
        " phase in radians is taken too, with a warning. On the command line INPUTS may be a pattern, such as"
        " 'GEOC/*/*.diff_pha.tif'. Pixels that fewer than three interferograms know, and those within STEP of the"
        " raster's edge, are no data."
    ),
    parameters=(
        Parameter(
            "INPUTS",
            "rasters",
            "Interferograms",
            "Wrapped phase in radians, or complex, all on one grid; at least three.",
            unit="rad",
        ),
        COHERENCES,
        Parameter(
            "STEP",
            "integer",
            "Step",
            "Differences are taken between the pixel so far before and the one so far after. Larger steps see smaller"
            " rates, and blur edges.",
            optional=True,
            default=3,
            minimum=1,
            maximum=50,
            unit="pixels",
        ),
        Parameter(
            "LOOKS",
            "integer",
            "Looks",
            "Side of the window that the products are averaged over, besides over the interferograms; 1 for none.",
            optional=True,
            default=1,
            minimum=1,
            maximum=51,
            unit="pixels",
        ),
        Parameter(
            "MAX_DAYS",
            "integer",
            "Longest time span",
            "Interferograms over a longer time are left out, since they lose coherence and wrap.",
            optional=True,
            default=36,
            minimum=1,
            unit="days",
        ),
        Parameter(
            "SKIP_MONTHS",
            "text",
            "Months to leave out",
            "Interferograms with a date in one of these months are left out, for snow or rain: '12-3', or '6,7,8'.",
            optional=True,
        ),
        Parameter(
            "DATES",
            "text",
            "Dates",
            "The two dates of each interferogram in the order of the files, such as '20180331_20180717"
            " 20180717_20180810'; only where the names do not have them.",
            optional=True,
        ),
        BAND,
        ZERO_IS_NODATA,
        TILE_SIZE,
    ),
    outputs=(
        Output(
            "OUTPUT",
            "raster",
            "Gradient stack",
            "Band 1: gradient along columns (x), band 2: along rows (y), both in radians per year and pixel; band 3:"
            " how well all interferograms agree with them, 0 to 1. NaN is no data.",
            unit="rad/yr/pixel",
            style="gradient_stack",
        ),
        Output("COUNT", "number", "Interferograms used", "How many were left by MAX_DAYS and SKIP_MONTHS."),
        Output("MEAN_COHERENCE", "number", "Mean stack coherence", "Mean of band 3 over the valid pixels."),
    ),
    paper=(
        "Fu et al. (2022), Large-area automatic detection of active landslides from stacked phase gradients, Frontiers"
        " in Environmental Science 10, 963322; Wang, Zhang, Wu (2023), A deep-learning-facilitated, detection-first"
        " strategy, Remote Sensing 15, 2310"
    ),
    tags=("stack", "gradient", "landslide", "interferogram", "rate", "wrapped phase", "insar", "sar", "detection"),
    pictures=("stackphasegradients.png",),
)
