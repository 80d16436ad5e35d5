"""Catalog entry of `simulateinterferogram`."""

from __future__ import annotations

from .types import Output, Parameter, Tool

TOOL = Tool(
    id="simulateinterferogram",
    name="Simulate an interferogram",
    group="Simulation",
    summary="Makes a wrapped interferogram of which everything is known: terrain, deformation, atmosphere, coherence.",
    help=(
        "Simulates two complex radar images of a landscape with lakes, rivers, fields, forests, towns, layover and"
        " shadow, and forms their interferogram, so that a method or a survey can be planned, taught and tested against"
        " the truth: the phase without noise, the displacement, the true coherence, and where the phase is noise.\n\n"
        "With an elevation model the scene lies on its grid, and its missing pixels are missing in all outputs; water"
        " lies where the model is flat at height 0, and in some of its valleys and hollows. Without one, a landscape is"
        " generated, somewhere in UTM zone 33 north. The geometry is that of Sentinel-1 on an ascending pass (heading"
        " -13 degrees, incidence 39 degrees, 12 days and 60 m between the images).\n\n"
        "What moves is placed at random and scaled to the scene: an earthquake on a rectangular fault (Okada 1985), a"
        " magma chamber (Mogi 1958), mine panels (Knothe 1957), landslides of 10 to 45 mm on slopes of 10 to 45"
        " degrees, or basins that subside. Displacement is positive toward the satellite; phase is -4 pi / wavelength"
        " times it. A pixel counts as decorrelated where the standard deviation of its phase, at its true coherence and"
        " this many looks, is beyond 1.2 rad.\n\n"
        "The whole scene is held in memory: 0.6 GB for 1500 x 1500 pixels, 1.8 GB for 4096 x 4096, up to 7.5 GB for"
        " 8192 x 8192, which is the largest."
    ),
    parameters=(
        Parameter(
            "DEM", "raster", "Elevation model", "Heights; without one, terrain is generated.", optional=True, unit="m"
        ),
        Parameter(
            "WIDTH",
            "integer",
            "Width",
            "Columns; ignored where an elevation model is given.",
            optional=True,
            default=512,
            minimum=64,
            maximum=8192,
            unit="pixels",
        ),
        Parameter(
            "HEIGHT",
            "integer",
            "Height",
            "Rows; ignored where an elevation model is given.",
            optional=True,
            default=512,
            minimum=64,
            maximum=8192,
            unit="pixels",
        ),
        Parameter(
            "PIXEL",
            "number",
            "Pixel size",
            "Size of a pixel on the ground; ignored where an elevation model is given.",
            optional=True,
            default=40.0,
            minimum=1.0,
            maximum=1000.0,
            unit="m",
        ),
        Parameter(
            "SOURCE",
            "choice",
            "Deformation",
            "What moves between the two images.",
            optional=True,
            default="none",
            choices=("none", "earthquake", "volcano", "mining", "landslide", "subsidence"),
        ),
        Parameter(
            "ATMOSPHERE",
            "number",
            "Atmosphere",
            "Standard deviation of the tropospheric delay along the line of sight: turbulence, and layers over relief.",
            optional=True,
            default=8.0,
            minimum=0.0,
            maximum=200.0,
            unit="mm",
        ),
        Parameter(
            "COHERENCE",
            "number",
            "Coherence of stable ground",
            "True coherence of flat, bare, stable ground; vegetation, slopes, layover and water lie below it.",
            optional=True,
            default=0.85,
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            "LOOKS",
            "integer",
            "Looks",
            "Number of independent looks that are averaged.",
            optional=True,
            default=4,
            minimum=1,
            maximum=100,
        ),
        Parameter(
            "WAVELENGTH",
            "number",
            "Wavelength",
            "Of the radar: 0.0555 Sentinel-1, 0.2362 ALOS-2, 0.0311 TerraSAR-X. Longer waves decorrelate more slowly.",
            optional=True,
            default=0.05546576,
            minimum=0.01,
            maximum=1.0,
            unit="m",
        ),
        Parameter(
            "SEED",
            "integer",
            "Seed",
            "The same seed gives the same scene.",
            optional=True,
            default=0,
            minimum=0,
            maximum=2147483647,
        ),
    ),
    outputs=(
        Output(
            "OUTPUT",
            "raster",
            "Wrapped interferogram",
            "Noisy phase, in radians, -pi to pi.",
            unit="rad",
            style="wrapped_phase",
        ),
        Output(
            "UNWRAPPED",
            "raster",
            "Unwrapped phase",
            "Truth: the phase without noise and without wrapping; deformation, atmosphere and the error of the"
            " elevation model together.",
            optional=True,
            unit="rad",
            style="unwrapped_phase",
        ),
        Output(
            "COHERENCE_ESTIMATE",
            "raster",
            "Estimated coherence",
            "0 to 1, as a processor estimates it, from 5 x 5 pixels: biased where it is low, and blurred.",
            optional=True,
            style="coherence",
        ),
        Output("TRUE_COHERENCE", "raster", "True coherence", "Truth: 0 to 1, sharp.", optional=True, style="coherence"),
        Output(
            "AMPLITUDE",
            "raster",
            "Amplitude",
            "Root of the mean power of both images, linear; its square is the backscatter coefficient, noise included.",
            optional=True,
            style="amplitude",
        ),
        Output(
            "DEFORMATION",
            "raster",
            "Displacement",
            "Truth: along the line of sight, positive toward the satellite.",
            optional=True,
            unit="mm",
            style="displacement",
        ),
        Output(
            "DECORRELATED",
            "raster",
            "Decorrelated",
            "Truth: 1 where the phase is noise, 0 where it is of use, 255 no data (8-bit).",
            optional=True,
            style="mask",
        ),
    ),
    paper=(
        "Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.3; Hanssen (2001), Radar Interferometry; Okada"
        " (1985), Surface deformation due to shear and tensile faults in a half-space, BSSA 75, 1135"
    ),
    pictures=("demo.png",),
    tags=("simulation", "synthetic", "training", "interferogram", "insar", "sar", "earthquake", "okada", "mogi"),
)
