"""Catalog entry of `coherencefromgrd`."""

from __future__ import annotations

from .common import BAND, DEVICE, MODEL, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="coherencefromgrd",
    name="Coherence from detected images",
    group="Coherence",
    summary="Estimates interferometric coherence from two detected images (GRD), without their phase.",
    help=(
        "Two detected images of the same track, such as ground-range (GRD) products, in; coherence and its standard"
        " deviation out. Where the ground has not changed, both images have the same speckle, and that is what the"
        " network looks for, without being told the number of looks. The result does not depend on which image comes"
        " first, and not on gain or calibration.\n\n"
        "The images need not lie on each other exactly. Up to 4 whole pixels along rows and columns are put right first"
        " (the log says how many, or that the images share too little to tell): one shift for the whole raster,"
        " found from the speckle and detail that the images share. What differs from place to place, or lies between"
        " pixels, the network looks for itself, up to 2 pixels. The result belongs to the middle between the images;"
        " pixels that only one of them has there, at most 2 along an edge, are no data.\n\n"
        "Know what it is: an estimate, not a measurement. Detected images keep only part of what coherence is made of."
        " Where speckle says little, the network falls back on what it learnt from simulated scenes: that lakes, woods"
        " and fields look and lose coherence in certain ways. Brightness and texture are such a prior, and mislead"
        " where your landscape is unlike the simulated one. It fails where speckle is gone: after speckle filters or"
        " much averaging (more than 20 looks), after resampling to coarser pixels, or where the images come from"
        " different tracks or look directions. Coherence below 0.3 is hardly told from 0: where it is below 0.2 the"
        " estimate is 0.02 to 0.05 too high on average. Images whose speckle is not correlated should lie on each other"
        " to a quarter of a pixel beside whole pixels, since half a pixel costs much there; it costs little where"
        " speckle is correlated, as in products that were resampled. On the one real pair that was at hand, over a"
        " town, the error was 20 to 29 % below the window's and 7 to 16 % below that of a constant, with a correlation"
        " of 0.48 to 0.58. Look at"
        " UNCERTAINTY before you rely on a value; for interferometry use coherence from complex images (SLC).\n\n"
        "window is the correlation of intensities in a moving window (Guarnieri and Prati 1997), for comparison:"
        " whole pixels are put right for it too, but it loses by what is left between pixels, and takes texture for"
        " coherence. Its number of looks is"
        " estimated where LOOKS is not given: the most frequent squared mean over variance among squares of 8 pixels,"
        " which even areas agree on. What was found is in the log."
    ),
    parameters=(
        Parameter(
            "INPUT",
            "raster",
            "First image",
            "Detected image, or complex (its power is taken). Best with its speckle: not filtered, not averaged.",
        ),
        Parameter(
            "SECONDARY",
            "raster",
            "Second image",
            "Image of another date, of the same sensor and track, on the same grid and in the same scale.",
        ),
        Parameter(
            "SCALE",
            "choice",
            "Scale of the images",
            "power: sigma0, gamma0 or beta0 as they are, or squared digital numbers; amplitude: their square root, such"
            " as the digital numbers of Sentinel-1 GRD; decibel: 10 times the logarithm of power.",
            optional=True,
            default="power",
            choices=("power", "amplitude", "decibel"),
        ),
        Parameter(
            "LOOKS",
            "number",
            "Number of looks",
            "Equivalent number of looks, for window alone; estimated from the images where it is not given. The network"
            " needs none.",
            optional=True,
            minimum=1.0,
            maximum=1000.0,
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "network: the trained network; window: correlation of intensities in a moving window.",
            optional=True,
            default="network",
            choices=("network", "window"),
        ),
        Parameter(
            "WINDOW",
            "integer",
            "Window",
            "Side of the moving window, odd, for window alone. Larger ones are less noisy and blur more.",
            optional=True,
            default=15,
            minimum=3,
            maximum=101,
            unit="pixels",
        ),
        DEVICE,
        BAND,
        ZERO_IS_NODATA,
        TILE_SIZE,
        MODEL,
    ),
    outputs=(
        Output("OUTPUT", "raster", "Coherence", "Estimated coherence, 0 to 1; NaN is no data.", style="coherence"),
        Output(
            "UNCERTAINTY",
            "raster",
            "Standard deviation of the coherence",
            "How far the estimate is likely to be from the true coherence: about two thirds of the pixels are within"
            " this. Only the network gives one.",
            optional=True,
            style="uncertainty",
        ),
        Output("MEAN_COHERENCE", "number", "Mean coherence", "Mean of the estimate over the valid pixels."),
    ),
    paper=(
        "Sica, Pulella, Schmitt (2026), Beyond Backscatter: InSAR coherence from detected SAR images, arXiv 2606.07374;"
        " Guarnieri, Prati (1997), SAR interferometry: a quick and dirty coherence estimator for data browsing, IEEE"
        " Transactions on Geoscience and Remote Sensing 35, 660-669"
    ),
    tags=("coherence", "grd", "detected", "intensity", "amplitude", "backscatter", "change", "sar", "sentinel-1"),
    network="coherence_from_intensity",
    pictures=("benchmark-coherence-examples.png",),
)
