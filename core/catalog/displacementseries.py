"""Catalog entry of `displacementseries`."""

from __future__ import annotations

from .common import BAND, COHERENCES, DEVICE, MODEL, SENSOR, WAVELENGTH, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="displacementseries",
    name="Displacement series",
    group="Time series",
    summary="Turns many interferograms into displacement over time and velocity, around detections or everywhere.",
    help=(
        "Each interferogram is a difference of two dates. Weighted least squares over the whole network of dates gives"
        " the displacement at every date (small baselines, SBAS), and a straight line through it the velocity with its"
        " standard deviation. Weights come from COHERENCES where they are given.\n\n"
        "With DETECTIONS each polygon is worked on by itself, in a crop with a MARGIN: unwrapped there if the phase is"
        " wrapped, referred to coherent pixels of the crop whose rate is the usual one, and solved in the detection and"
        " 10 pixels around it (MARGIN, where that is less). That is quick, long waves of air and orbit cancel, and"
        " errors of unwrapping elsewhere do not matter. With a DEM, pixels as high as the detection are preferred."
        " Without DETECTIONS the whole raster is solved, and the reference is a coherent block of 16 x 16 pixels at the"
        " usual rate. Give REFERENCE to choose it yourself.\n\n"
        "The default (robust) first takes whole cycles out of single interferograms, so that phases close around loops"
        " with as few changes as possible, then lets outliers count less. least_squares does neither. Where a pixel's"
        " network falls into pieces, each piece keeps its own level: levels are chosen so that velocities between"
        " neighbouring dates are smallest (minimum norm), and the velocity is that of the pieces, which is not"
        " affected. The column `piece`, and a warning where it is so for all pixels, tell of it.\n\n"
        "DEM_ERROR also fits what an error of the elevation model leaves, in proportion to the perpendicular baselines:"
        " from BASELINES (a text with lines of a date and metres, or two dates and metres, such as LiCSAR's), else from"
        " the texts beside HyP3 products or a tag PERPENDICULAR_BASELINE of the files.\n\n"
        "Standard deviations have two parts: what the interferograms contradict each other, and what the dates scatter"
        " about the line, air above all; uneven movement counts there too. In a crop they are against its reference. At"
        " least three interferograms are needed, and a pixel needs half of the dates. The table has one row for each"
        " series and date, with a real date, so that QGIS's temporal controller and 'Displacement series' panel show"
        " it: a series for each detection (mean and fastest pixel), or for pixels on a regular grid. Memory is bounded"
        " whatever the number of files. In the folder for temporary files, a whole raster of wrapped phase needs 4"
        " bytes per pixel and interferogram; phases of detections need 2 GiB at most, or as much as the largest crop:"
        " 4 bytes per pixel and interferogram, 8 with COHERENCES."
    ),
    parameters=(
        Parameter(
            "INPUTS",
            "rasters",
            "Interferograms",
            "Phase in radians (or complex, where it is wrapped), all on one grid; at least three. Dates are read from"
            " the names.",
            unit="rad",
        ),
        COHERENCES,
        Parameter(
            "DETECTIONS",
            "vector",
            "Detections",
            "Polygons of what moves, such as 'Detect landslides' and 'Detect subsidence' give. Without them the whole"
            " raster is solved.",
            optional=True,
        ),
        Parameter(
            "DEM",
            "raster",
            "Elevation",
            "Metres, on the same grid: references as high as the detection are preferred.",
            optional=True,
            unit="m",
        ),
        Parameter(
            "PHASE",
            "choice",
            "Phase is",
            "wrapped: -pi to pi or complex, and it is unwrapped here, crop by crop; unwrapped: as 'Unwrap phase' gives"
            " it.",
            optional=True,
            default="wrapped",
            choices=("wrapped", "unwrapped"),
        ),
        SENSOR,
        WAVELENGTH,
        Parameter(
            "SIGN",
            "choice",
            "Positive phase means",
            "away: ground that moved away from the satellite between the first and the second date of a name has"
            " positive phase, as in HyP3, LiCSAR and most other products; toward: the other way round.",
            optional=True,
            default="away",
            choices=("away", "toward"),
        ),
        Parameter(
            "REFERENCE",
            "point",
            "Reference point",
            'What does not move, "x,y" in the coordinates of the raster, or with another CRS in brackets; found in the'
            " scene, or near each detection, where none is given.",
            optional=True,
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "robust: whole cycles that do not close are taken out, and outliers count less; least_squares: plain"
            " weighted least squares.",
            optional=True,
            default="robust",
            choices=("least_squares", "robust"),
        ),
        Parameter(
            "DEM_ERROR",
            "boolean",
            "Correct the error of the elevation",
            "Fit and take out what is in proportion to the perpendicular baseline.",
            optional=True,
            default=False,
        ),
        Parameter(
            "DATES",
            "text",
            "Dates",
            "One pair of dates for each interferogram in the order of the files, such as '20180331_20180717"
            " 20180412_20180506', where the names have none.",
            optional=True,
            advanced=True,
        ),
        Parameter(
            "BASELINES",
            "file",
            "Baselines",
            "Text with perpendicular baselines in metres, for DEM_ERROR: lines of a date and metres, or of two dates"
            " and metres.",
            optional=True,
            advanced=True,
        ),
        Parameter(
            "LOOKS",
            "number",
            "Looks",
            "Independent looks in a pixel: how far the coherence can be trusted.",
            optional=True,
            default=10.0,
            minimum=1.0,
            maximum=10000.0,
            advanced=True,
        ),
        Parameter(
            "MARGIN",
            "integer",
            "Margin",
            "Pixels around a detection that are unwrapped with it, and among which the reference is sought.",
            optional=True,
            default=30,  # 40 simulated detections: errors of 25, 30, 40 and 60 do not differ (docs/design.md)
            minimum=8,
            maximum=2000,
            unit="pixels",
            advanced=True,
        ),
        Parameter(
            "SPACING",
            "integer",
            "Spacing of the points",
            "Without DETECTIONS the table has a series every so many pixels. By default so many that there are about a"
            " thousand.",
            optional=True,
            minimum=1,
            unit="pixels",
            advanced=True,
        ),
        Parameter(
            "UNWRAPPING",
            "choice",
            "Unwrapping",
            "For wrapped phase. combined: minimum-cost flow, with the network where fringes are too dense for it; mcf:"
            " minimum-cost flow alone.",
            optional=True,
            default="combined",
            choices=("combined", "mcf"),
            advanced=True,
        ),
        DEVICE,
        BAND,
        ZERO_IS_NODATA,
        Parameter(
            "TILE_SIZE",
            "integer",
            "Tile size",
            "Side of the square tiles that are worked on one after the other. Choose a smaller one where memory runs"
            " out. Wrapped rasters larger than this are unwrapped in overlapping tiles.",
            optional=True,
            default=1024,
            minimum=128,
            maximum=8192,
            unit="pixels",
            advanced=True,
        ),
        MODEL,
    ),
    outputs=(
        Output(
            "VELOCITY",
            "raster",
            "Velocity",
            "Millimetres per year, positive toward the satellite; NaN is no data.",
            unit="mm/yr",
            style="velocity",
        ),
        Output(
            "SERIES",
            "table",
            "Displacement series",
            "One row for each series and date: displacement and its standard deviation, trend, velocity; points in a"
            " GeoPackage, or CSV.",
            style="series",
        ),
        Output(
            "STDDEV",
            "raster",
            "Standard deviation of the velocity",
            "Millimetres per year.",
            optional=True,
            unit="mm/yr",
            style="velocity_std",
        ),
        Output(
            "DISPLACEMENT",
            "raster",
            "Displacement",
            "Millimetres toward the satellite since the first date, a band for each date.",
            optional=True,
            unit="mm",
            style="displacement",
        ),
        Output("COUNT", "number", "Number of series", "Detections or points in the table."),
        Output(
            "REFERENCE_POINT", "text", "Reference point", "x,y of what is zero; none where each detection has its own."
        ),
    ),
    paper=(
        "Berardino et al. (2002), IEEE TGRS 40(11); Lauknes, Zebker, Larsen (2011), IEEE TGRS 49(1); Yunjun, Fattahi,"
        " Amelung (2019), Computers and Geosciences 133; Wang, Zhang, Wu (2023), Remote Sensing 15, 2310"
    ),
    pictures=("benchmark-displacement_series-mexico.png",),
    tags=("time series", "sbas", "velocity", "displacement", "deformation", "landslide", "subsidence", "insar", "sar"),
    network="phase_unwrapping",
)
