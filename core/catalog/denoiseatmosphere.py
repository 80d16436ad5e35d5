"""Catalog entry of `denoiseatmosphere`."""

from __future__ import annotations

from .common import BAND, DEVICE, MODEL, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="denoiseatmosphere",
    name="Remove atmosphere",
    group="Deformation",
    summary="Takes the delay of the atmosphere, and ramps, out of an unwrapped interferogram, without external data.",
    help=(
        "Two steps, both of which you can see in ATMOSPHERE. First a plane and a term proportional to height"
        " (where a DEM is given) are fitted so that what moves does not bend them: pixels that do not fit lose"
        " their weight. Then a network looks at what is left, on cells of about 400 m, and tells turbulent and"
        " locally layered air from deformation; it also says how sure it is. Where it only guesses, the air of"
        " the surroundings is taken out. Last the plane is mended, since movement fades slowly with the distance and"
        " part of it went with the plane; and what is left that does not rise above the network's error goes with"
        " the air.\n\n"
        "Nothing is downloaded, and one interferogram is enough. Give a DEM where you can: in mountains layered"
        " air is the larger part. Give MASK for pixels that must not count, such as water or wrong unwrapping. The"
        " result is relative, as every interferogram is: zero is the level that most of the scene agrees on.\n\n"
        "OTHERS are further interferograms of the same track on the same grid, whose dates are read from their"
        " names. Each is treated like INPUT, and what moves steadily through all of them is set aside first, and"
        " one delay per date is found by least squares; the correction of INPUT is then the difference of its two"
        " dates. Corrections of the network so close around triplets, errors average out, and slow movement that"
        " is far below the air of one interferogram is kept: use it for time series. Run it once for each"
        " interferogram with the same set of files.\n\n"
        "Know its limits. Deformation that looks like weather (broad, weak, without a centre) cannot be told from"
        " it in one interferogram: movement as long as the scene goes with the plane, and a volcano that rises"
        " with its height partly goes with the layers. Below a signal-to-noise ratio of about 0.3 sources vanish"
        " with the noise, unless OTHERS are given. Where a large earthquake fills the scene, the air is small"
        " beside it and the plane is bent by it even so: at a signal-to-noise ratio of 10 to 100 one scene of three"
        " becomes worse. UNCERTAINTY says where it is unsure: one of it holds 63 to 89 % of the"
        " errors, least where movement is strong."
        " Unwrapping errors are not mended; mend or mask them first.\n\n"
        "ramp_elevation is the first step alone, for comparison and where no network is wanted."
    ),
    parameters=(
        Parameter(
            "INPUT",
            "raster",
            "Unwrapped interferogram",
            "Unwrapped phase, or displacement along the line of sight.",
        ),
        Parameter(
            "DEM",
            "raster",
            "Elevation",
            "Heights in metres, on the grid of INPUT, or on another with DEM_RESAMPLING.",
            optional=True,
            unit="m",
        ),
        Parameter(
            "MASK",
            "raster",
            "Mask",
            "1 where pixels must not count, such as water; they are no data in the result.",
            optional=True,
        ),
        Parameter(
            "COHERENCE",
            "raster",
            "Coherence",
            "0 to 1, or 0 to 255 as 8-bit integers. Helps to tell noise from movement.",
            optional=True,
        ),
        Parameter(
            "OTHERS",
            "rasters",
            "Further interferograms",
            "Of the same network of dates, on the same grid, in the same unit and sign, dates in their names.",
            optional=True,
        ),
        Parameter(
            "UNITS",
            "choice",
            "Unit of the input",
            "The result has the same.",
            optional=True,
            default="radians",
            choices=("radians", "metres", "millimetres"),
        ),
        Parameter(
            "WAVELENGTH",
            "number",
            "Wavelength",
            "Radar wavelength, for radians alone: the network is told how large the signal is. The default is that of"
            " Sentinel-1.",
            optional=True,
            default=0.05546576,
            minimum=0.005,
            maximum=2.0,
            unit="m",
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "network: plane and elevation fit, then the network; ramp_elevation: the fit alone.",
            optional=True,
            default="network",
            choices=("network", "ramp_elevation"),
        ),
        Parameter(
            "DEM_RESAMPLING",
            "choice",
            "Resampling of the elevation",
            "How a DEM on another grid is brought onto that of INPUT: none refuses it; bilinear or cubic where it is"
            " coarser or about as fine, average where it is finer.",
            optional=True,
            default="none",
            choices=("none", "bilinear", "cubic", "average"),
            advanced=True,
        ),
        Parameter(
            "PIXEL",
            "number",
            "Pixel size",
            "Ground size of a pixel, where the raster does not say (radar geometry): 100 m if this is not given.",
            optional=True,
            minimum=0.5,
            maximum=5000.0,
            unit="m",
            advanced=True,
        ),
        Parameter(
            "DATES",
            "text",
            "Dates",
            "Two dates for INPUT and each of OTHERS, in this order, such as 20180331_20180717 20180412_20180506, where"
            " the names do not tell.",
            optional=True,
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
            "Deformation",
            "INPUT without ATMOSPHERE, in the unit of INPUT; NaN is no data.",
            style="deformation",
        ),
        Output(
            "ATMOSPHERE",
            "raster",
            "Atmosphere",
            "What was taken out: plane, elevation term and the network's delay, in the unit of INPUT.",
            optional=True,
            style="atmosphere",
        ),
        Output(
            "UNCERTAINTY",
            "raster",
            "Standard deviation",
            "Of the error that is left in OUTPUT by the atmosphere, in the unit of INPUT. Rather too large than too"
            " small: of simulated scenes nine tenths of the pixels are within it. Only the network gives one.",
            optional=True,
            style="deviation",
        ),
        Output("REDUCTION", "number", "Share taken out", "1 - standard deviation of OUTPUT over that of INPUT."),
    ),
    paper=(
        "Li, Sagiya, Deep Learning-Based Mitigation of Atmospheric Noise in InSAR Unwrapped Phase Maps (poster);"
        " plane and elevation: Doin et al. (2009), Journal of Applied Geophysics 69, 35-50"
    ),
    tags=("atmosphere", "troposphere", "delay", "ramp", "deformation", "unwrapped", "noise", "insar", "sar"),
    network="atmosphere",
    pictures=("benchmark-atmosphere-examples.png",),
)
