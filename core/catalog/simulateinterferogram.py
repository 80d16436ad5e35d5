"""Catalog entry of `simulateinterferogram`."""

from __future__ import annotations

from .types import Output, Parameter, Tool

TOOL = Tool(
    id="simulateinterferogram",
    name="Simulate an interferogram",
    group="Simulation",
    summary="Makes a wrapped interferogram of which everything is known: terrain, deformation, atmosphere, coherence.",
    help=(
        "Simulates two complex radar images of a landscape with lakes, rivers, vegetation, layover and shadow, and"
        " forms their interferogram, so that a method or a survey can be planned, taught and tested against the truth."
    ),
    parameters=(
        Parameter("DEM", "raster", "Elevation model", "Heights in metres; without one, terrain is generated.", optional=True, unit="m"),
        Parameter("WIDTH", "integer", "Width", "Columns; ignored where a DEM is given.", optional=True, default=512, minimum=64, maximum=8192, unit="pixels"),
        Parameter("HEIGHT", "integer", "Height", "Rows; ignored where a DEM is given.", optional=True, default=512, minimum=64, maximum=8192, unit="pixels"),
        Parameter("PIXEL", "number", "Pixel size", "Ground size of a pixel; ignored where a DEM is given.", optional=True, default=40.0, minimum=1.0, maximum=1000.0, unit="m"),
        Parameter("SOURCE", "choice", "Deformation", "What moves.", optional=True, default="none", choices=("none", "earthquake", "volcano", "mining", "landslide", "subsidence")),
        Parameter("ATMOSPHERE", "number", "Atmosphere", "Standard deviation of the tropospheric delay along the line of sight.", optional=True, default=8.0, minimum=0.0, maximum=200.0, unit="mm"),
        Parameter("COHERENCE", "number", "Coherence of stable ground", "True coherence of bare, stable ground; water, vegetation and layover are below it.", optional=True, default=0.85, minimum=0.0, maximum=1.0),
        Parameter("LOOKS", "integer", "Looks", "Number of independent looks that are averaged.", optional=True, default=4, minimum=1, maximum=100),
        Parameter("WAVELENGTH", "number", "Wavelength", "Radar wavelength: 0.0555 Sentinel-1, 0.2362 ALOS-2, 0.0311 TerraSAR-X.", optional=True, default=0.05546576, minimum=0.01, maximum=1.0, unit="m"),
        Parameter("SEED", "integer", "Seed", "The same seed gives the same scene.", optional=True, default=0, minimum=0, maximum=2147483647),
    ),
    outputs=(
        Output("OUTPUT", "raster", "Wrapped interferogram", "Phase in radians, -pi to pi.", unit="rad", style="wrapped_phase"),
    ),
    paper="Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.3; Hanssen (2001), Radar Interferometry",
    tags=("simulation", "synthetic", "training", "interferogram", "insar", "sar"),
)
