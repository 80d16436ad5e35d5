"""Catalog entry of `phasetodisplacement`."""

from __future__ import annotations

from .common import BAND, SENSOR, TILE_SIZE, WAVELENGTH, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="phasetodisplacement",
    name="Phase to displacement",
    group="Phase",
    summary="Turns unwrapped phase into millimetres, along the line of sight or vertical, from a reference.",
    help=(
        "Displacement is phase times wavelength over 4 pi, because the wave travels the way twice. The result is"
        " positive toward the satellite (or upward), whatever the sign of the phase, which SIGN says.\n\n"
        'An interferogram only knows movement against some point. Give a REFERENCE that does not move, as "x,y" in'
        " the coordinates of the raster; the median of 5 x 5 pixels around it becomes zero. Without one, it is found:"
        " of all blocks of 16 x 16 pixels that are nine tenths valid, the quarter with the highest coherence (or the"
        " smoothest phase, without COHERENCE) is taken, and of these the one nearest to the middle level of the scene,"
        " since most ground does not move. Its place is in the log and in the result.\n\n"
        "A vertical component assumes that nothing moves sideways, and needs the incidence angle."
    ),
    parameters=(
        Parameter("INPUT", "raster", "Unwrapped phase", "Radians.", unit="rad"),
        Parameter(
            "INCIDENCE",
            "raster",
            "Incidence angle raster",
            "Angle between the line of sight and the vertical at each pixel, in degrees. Only vertical needs it.",
            optional=True,
            unit="degrees",
        ),
        Parameter(
            "INCIDENCE_ANGLE",
            "number",
            "Incidence angle",
            "One angle for the whole scene, in degrees, where there is no raster.",
            optional=True,
            minimum=0.0,
            maximum=89.0,
            unit="degrees",
        ),
        Parameter(
            "COHERENCE",
            "raster",
            "Coherence",
            "Helps to find a reference; 0 to 1, or 0 to 255 as 8-bit integers.",
            optional=True,
        ),
        SENSOR,
        WAVELENGTH,
        Parameter(
            "SIGN",
            "choice",
            "Positive phase means",
            "away: ground that moves away from the satellite has positive phase, as in HyP3, LiCSAR and most other"
            " products; toward: the other way round.",
            optional=True,
            default="away",
            choices=("away", "toward"),
        ),
        Parameter(
            "REFERENCE",
            "point",
            "Reference point",
            'What does not move, "x,y" in the coordinates of the raster, or with another CRS in brackets; found in'
            " the scene where none is given.",
            optional=True,
        ),
        Parameter(
            "COMPONENT",
            "choice",
            "Component",
            "line_of_sight: toward the satellite; vertical: upward, as if nothing moved sideways.",
            optional=True,
            default="line_of_sight",
            choices=("line_of_sight", "vertical"),
        ),
        BAND,
        ZERO_IS_NODATA,
        TILE_SIZE,
    ),
    outputs=(
        Output(
            "OUTPUT",
            "raster",
            "Displacement",
            "Millimetres, positive toward the satellite or upward; NaN is no data.",
            unit="mm",
            style="displacement",
        ),
        Output("REFERENCE_POINT", "text", "Reference point", "x,y of the middle of the pixel that is zero."),
    ),
    paper="Hanssen (2001), Radar Interferometry, section 2.4",
    tags=("displacement", "deformation", "millimetres", "line of sight", "reference", "insar", "sar"),
)
