"""Catalog entry of `detectlandslides`."""

from __future__ import annotations

from .common import DEVICE, MODEL, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="detectlandslides",
    name="Detect landslides",
    group="Detection",
    summary="Finds slow landslides in a stack of phase gradients, with their outlines.",
    help=(
        "Takes the stack that 'Stack phase gradients' makes of your interferograms and looks for bodies that slide: in"
        " each gradient a pair of opposite signs, side by side in one and one above the other in the second. Each"
        " detection is a polygon along the rim of the moving body, with a score, its area, the mean slope and aspect,"
        " the largest gradient and the number of interferograms in the stack.\n\n"
        "Give a DEM. With it the network tells landslides from sinking plains, mines and embankments, and detections"
        " on slopes of less than MIN_SLOPE are left out. Without it everything that moves locally is reported, as class"
        " 'moving ground'. Give HEADING and INCIDENCE of the satellite, too: a radar sees only motion along its line of"
        " sight, and on some slopes, mostly those that run north or south, motion down the slope hardly changes the"
        " distance. Such detections carry a note, and slopes without a detection may still move there: look from the"
        " other orbit.\n\n"
        "The network is asked from eight sides, mirrored and turned, and its answers are averaged. A detection of an"
        " area of up to 120 pixels is asked for once more without the tenth of its ground where the gradients are"
        " largest: a roof or a wrong height moves a few pixels, a landslide as a whole. The score is the geometric"
        " mean of both, and never more than the first.\n\n"
        "The score promises rather too little: of simulated detections with a score of about 0.5 three of four were"
        " right, and of those above 0.75 nearly all. What can be found depends on the number of interferograms, the"
        " coherence and the size: the curve in docs/benchmarks.md says how slow a landslide may be. Bodies of less"
        " than about 6 pixels are not found, nor are those longer than about 120 pixels; stack coarser or finer"
        " interferograms for them. Rates so fast that the gradient wraps within a stack (about 8 radians per year and"
        " pixel with STEP 3 and spans of 24 days) show their rim alone. Single interferograms make poor stacks: their"
        " air looks like motion.\n\n"
        "The method 'divergence' needs no network: it takes the divergence of the gradients at six sizes, over its"
        " noise in the whole raster. It is there for comparison, and finds mines and sinking plains, too.\n\n"
        "The stack needs a CRS, since areas and slopes are measured on the ground, and the DEM must lie on its grid."
    ),
    parameters=(
        Parameter(
            "INPUT",
            "raster",
            "Gradient stack",
            "Three bands: gradient along columns, gradient along rows, coherence of the stack, as 'Stack phase"
            " gradients' writes them.",
            unit="rad/yr/pixel",
        ),
        Parameter(
            "DEM",
            "raster",
            "Elevation",
            "Elevation model in metres on the same grid, for slopes.",
            optional=True,
            unit="m",
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "network: the trained network; divergence: divergence of the gradients at several sizes, for comparison.",
            optional=True,
            default="network",
            choices=("network", "divergence"),
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
            "MIN_SLOPE",
            "number",
            "Least slope",
            "Detections on gentler ground are left out, where a DEM says how steep it is.",
            optional=True,
            default=10.0,
            minimum=0.0,
            maximum=90.0,
            unit="degrees",
        ),
        Parameter(
            "MIN_AREA",
            "number",
            "Least area",
            "Smaller detections are left out. Clusters of a few pixels that go their own way, of wrong phase or of"
            " single buildings, cannot be told from small landslides; lower this only where you trust your data.",
            optional=True,
            default=20_000.0,
            minimum=0.0,
            unit="m²",
        ),
        Parameter(
            "HEADING",
            "number",
            "Heading of the satellite",
            "Direction of flight, clockwise from north: Sentinel-1 about -13 ascending, -167 descending. With INCIDENCE"
            " and a DEM it says how much of motion down each slope the radar sees. The radar looks to the right.",
            optional=True,
            minimum=-360.0,
            maximum=360.0,
            unit="degrees",
        ),
        Parameter(
            "INCIDENCE",
            "number",
            "Incidence angle",
            "Angle between the line of sight and the vertical, in the middle of the scene.",
            optional=True,
            minimum=1.0,
            maximum=89.0,
            unit="degrees",
        ),
        DEVICE,
        ZERO_IS_NODATA,
        TILE_SIZE,
        MODEL,
    ),
    outputs=(
        Output(
            "OUTPUT",
            "vector",
            "Landslides",
            "Polygons, surest first: score, class, area_m2, slope_deg, aspect_deg, sensitivity, peak_gradient,"
            " mean_coherence, pixels, interferograms, note.",
            style="landslides",
        ),
        Output(
            "HEATMAP",
            "raster",
            "Probability of landslides",
            "0 to 1 for each pixel: how much it looks like part of a landslide; NaN is no data.",
            optional=True,
            style="probability",
        ),
        Output("COUNT", "number", "Landslides found", "How many polygons there are."),
    ),
    paper=(
        "Fu et al. (2022), Frontiers in Environmental Science 10, 963322; Wang, Zhang, Wu (2023), Remote Sensing 15,"
        " 2310, section 3.2; Lindeberg (1998), IJCV 30(2)"
    ),
    tags=("landslide", "slope", "detection", "gradient", "stack", "deformation", "insar", "sar"),
    network="landslide_detection",
    pictures=("benchmark-landslide_detection-examples.png",),
)
