"""Writes the style files in styles: python3 build_styles.py. The colours are computed, so that equal steps look equal.

The ramps are drawn in CIELAB, where distances are close to what the eye sees (CIE 1976; sRGB after IEC 61966-2-1).
Styles whose range depends on the data are written for -1..1 or 0..1; processing_provider/stretch.py fits them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Dict, List, Tuple

Colour = Tuple[int, int, int]
Class = Tuple[int, str, Colour, int]  # value, label, colour, opacity 0..255

WHITE, NIGHT = (255, 255, 255), (38, 38, 58)
CLEAR: Class = (0, "none", WHITE, 0)
COMPONENTS = 64  # more parts than that are no use to anyone
GOLDEN_ANGLE = 137.508  # degrees
SCORES = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]  # of detections; below 0.5 only where a user asks for them
BEYOND = 1e6  # more than any displacement
MILLIMETRES = [-BEYOND, -100.0, -50.0, -20.0, -10.0, -5.0, 5.0, 10.0, 20.0, 50.0, 100.0, BEYOND]  # of displacement
REPEAT_DAYS = 12  # of Sentinel-1; processing_provider/stretch.py puts in what the table has
STEPS = 36  # between two neighbours the change cannot be seen
D65 = (0.95047, 1.0, 1.08883)  # the white of sRGB


def srgb(lightness: float, chroma: float, hue: float) -> Tuple[float, float, float]:
    """The sRGB of a colour in CIELAB's cylinder (hue in degrees); outside 0..1 where a screen cannot show it."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    fy = (lightness + 16) / 116
    x, y, z = (w * _inverse(f) for w, f in zip(D65, (fy + a / 500, fy, fy - b / 200)))
    linear = (
        3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
        -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
        0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
    )
    red, green, blue = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)
    return red, green, blue


def _inverse(f: float) -> float:
    return f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29)


def shown(lightness: float, chroma: float, hue: float) -> Colour:
    """The colour as bytes; less chroma where the screen cannot show that much."""
    while chroma > 0 and not all(0 <= c <= 1 for c in srgb(lightness, chroma, hue)):
        chroma = max(chroma - 0.25, 0.0)
    red, green, blue = (round(255 * min(max(c, 0.0), 1.0)) for c in srgb(lightness, chroma, hue))
    return red, green, blue


def cyclic(lightness: float = 70.0) -> List[Colour]:
    """All hues once around at one lightness and one chroma, the largest that a screen shows for every hue."""
    chroma = 100.0
    while not all(0 <= c <= 1 for hue in range(360) for c in srgb(lightness, chroma, hue)):
        chroma -= 0.25
    return [shown(lightness, chroma, 360.0 * i / STEPS) for i in range(STEPS + 1)]


def diverging() -> List[Colour]:
    """Blue through white to red, as dark at both ends."""
    ramp = []
    for i in range(STEPS + 1):
        t = 2.0 * i / STEPS - 1.0
        ramp.append(shown(96.0 - 58.0 * abs(t), 52.0 * math.sqrt(abs(t)), 268.0 if t < 0 else 32.0))
    return ramp


def sequential() -> List[Colour]:
    """Pale yellow through red to dark violet."""
    return [shown(96.0 - 72.0 * t, 18.0 + 180.0 * t * (1.0 - t), 95.0 - 140.0 * t) for t in _unit()]


def grey() -> List[Colour]:
    """Black to white in equal steps of lightness."""
    return [shown(100.0 * t, 0.0, 0.0) for t in _unit()]


def _unit() -> List[float]:
    return [i / STEPS for i in range(STEPS + 1)]


def page(renderer: str) -> str:
    """A QGIS style file around a raster renderer; nearest neighbour, so that -pi and pi are never averaged."""
    return f"""<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology" madeBy="fringelens">
 <pipe>
  <provider>
   <resampling enabled="false" maxOversampling="2"\
 zoomedInResamplingMethod="nearestNeighbour" zoomedOutResamplingMethod="nearestNeighbour"/>
  </provider>
{renderer}
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
"""


def ramp_style(colours: List[Colour], low: float, high: float, unit: str = "", band: int = 1) -> str:
    """A continuous ramp from `low` to `high`; what lies outside takes the end colours, no data is transparent."""
    values = [low + (high - low) * i / (len(colours) - 1) for i in range(len(colours))]
    items = "\n".join(
        f'     <item value="{v:.6g}" label="{v:.3g}{unit}" color="#{r:02x}{g:02x}{b:02x}" alpha="255"/>'
        for v, (r, g, b) in zip(values, colours)
    )
    stops = ":".join(
        f"{i / (len(colours) - 1):.6g};{r},{g},{b},255" for i, (r, g, b) in enumerate(colours[1:-1], start=1)
    )
    first, last = (",".join(str(c) for c in colour) + ",255" for colour in (colours[0], colours[-1]))
    bounds = f'classificationMin="{low:.6g}" classificationMax="{high:.6g}"'
    head = f'type="singlebandpseudocolor" band="{band}" opacity="1" alphaBand="-1" nodataColor="" {bounds}'
    return page(f"""  <rasterrenderer {head}>
   <rasterTransparency/>
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4"\
 minimumValue="{low:.6g}" maximumValue="{high:.6g}">
     <colorramp name="[source]" type="gradient">
      <Option type="Map">
       <Option name="color1" type="QString" value="{first}"/>
       <Option name="color2" type="QString" value="{last}"/>
       <Option name="discrete" type="QString" value="0"/>
       <Option name="rampType" type="QString" value="gradient"/>
       <Option name="stops" type="QString" value="{stops}"/>
      </Option>
     </colorramp>
{items}
    </colorrampshader>
   </rastershader>
  </rasterrenderer>""")


def class_style(classes: List[Class]) -> str:
    """One colour for each value; values without one are clear."""
    entries = "\n".join(
        f'    <paletteEntry value="{value}" label="{label}" color="#{r:02x}{g:02x}{b:02x}" alpha="{alpha}"/>'
        for value, label, (r, g, b), alpha in classes
    )
    return page(f"""  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
{entries}
   </colorPalette>
  </rasterrenderer>""")


def drawn(symbol: str, colour: Colour, *, ink: Colour = NIGHT) -> str:
    """A marker or an area that lets the map shine through, in one colour with a thin dark line around it."""
    fill, line = (",".join(str(c) for c in one) for one in (colour, ink))
    options = {
        "marker": {"name": "circle", "size": "2.4", "size_unit": "MM", "color": f"{fill},255"},
        "fill": {"style": "solid", "color": f"{fill},80"},
    }[symbol]
    line_options = {"outline_color": f"{line},255", "outline_width": "0.3", "outline_width_unit": "MM"}
    listed = "\n".join(
        f'       <Option type="QString" name="{key}" value="{value}"/>'
        for key, value in {**options, **line_options}.items()
    )
    kind = {"marker": "SimpleMarker", "fill": "SimpleFill"}[symbol]
    return f"""     <layer class="{kind}" enabled="1" locked="0" pass="0">
      <Option type="Map">
{listed}
      </Option>
     </layer>"""


def between(low: float, high: float, unit: str) -> str:
    """A range in words."""
    if low <= -BEYOND:
        return f"less than {high:g}{unit}"
    return f"more than {low:g}{unit}" if high >= BEYOND else f"{low:g} to {high:g}{unit}"


def graduated(
    symbol: str, column: str, bounds: List[float], colours: List[Colour], unit: str = "", extra: str = ""
) -> str:
    """A style of a vector layer: one colour for each range of a column between neighbouring bounds.

    `symbol` is "fill" for polygons or "marker" for points; `colours` are a ramp, of which evenly spaced ones are taken.
    """
    count = len(bounds) - 1
    chosen = [colours[round(i * (len(colours) - 1) / (count - 1))] for i in range(count)]
    pairs = [(bounds[i], bounds[i + 1]) for i in range(count)]
    ranges = "\n".join(
        f'   <range symbol="{i}" lower="{low:.15g}" upper="{high:.15g}" label="{between(low, high, unit)}"/>'
        for i, (low, high) in enumerate(pairs)
    )
    symbols = "\n".join(
        f'   <symbol type="{symbol}" name="{i}" alpha="1" clip_to_extent="1" force_rhr="0">\n'
        f"{drawn(symbol, colour)}\n   </symbol>"
        for i, colour in enumerate(chosen)
    )
    return f"""<!DOCTYPE qgis>
<qgis version="3.22.0" styleCategories="Symbology{"|Temporal" if extra else ""}" madeBy="fringelens">
 <renderer-v2 type="graduatedSymbol" attr="{column}" graduatedMethod="GraduatedColor" symbollevels="0" forceraster="0"\
 enableorderby="0">
  <ranges>
{ranges}
  </ranges>
  <symbols>
{symbols}
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerOpacity>1</layerOpacity>
{extra}</qgis>
"""


def by_date(column: str, days: int) -> str:
    """What makes QGIS's temporal controller show a feature from its date on, for so many days."""
    return f""" <temporal enabled="1" mode="1" startField="{column}" endField="" fixedDuration="{days}"\
 durationUnit="d" durationField="" startExpression="" endExpression="" limitMode="0" accumulate="0">
  <fixedRange>
   <start></start>
   <end></end>
  </fixedRange>
 </temporal>
"""


def components() -> List[Class]:
    """Neighbouring numbers in hues far apart: steps of the golden angle."""
    hues = [(40.0 + GOLDEN_ANGLE * (i - 1)) % 360.0 for i in range(1, COMPONENTS + 1)]
    return [CLEAR] + [(i, f"component {i}", shown(70.0, 45.0, hue), 255) for i, hue in enumerate(hues, start=1)]


def all_styles() -> Dict[str, str]:
    """Every style file by its name."""
    return {
        "wrapped_phase": ramp_style(cyclic(), -math.pi, math.pi, " rad"),
        "unwrapped_phase": ramp_style(diverging(), -1.0, 1.0, " rad"),
        "displacement": ramp_style(diverging(), -1.0, 1.0, " mm"),
        "velocity": ramp_style(diverging(), -1.0, 1.0, " mm/yr"),
        "velocity_std": ramp_style(sequential(), 0.0, 1.0, " mm/yr"),
        "deformation": ramp_style(diverging(), -1.0, 1.0),
        "atmosphere": ramp_style(diverging(), -1.0, 1.0),
        "deviation": ramp_style(sequential(), 0.0, 1.0),
        "coherence": ramp_style(grey(), 0.0, 1.0),
        "amplitude": ramp_style(grey(), 0.0, 1.0),
        "probability": ramp_style(sequential(), 0.0, 1.0),
        "mask": class_style([(0, "coherent", WHITE, 0), (1, "decorrelated", NIGHT, 190)]),
        "fringes": class_style([(0, "no line", WHITE, 0), (1, "fringe line", NIGHT, 255)]),
        "components": class_style(components()),
        "uncertainty": ramp_style(sequential(), 0.0, 0.3),
        "gradient_stack": ramp_style(diverging(), -1.0, 1.0, " rad/yr"),
        "gradient_stack_y": ramp_style(diverging(), -1.0, 1.0, " rad/yr", band=2),
        "gradient_stack_coherence": ramp_style(grey(), 0.0, 1.0, band=3),
        "landslides": graduated("fill", "score", SCORES, sequential()),
        "subsidence": graduated("fill", "score", SCORES, sequential()),
        "series": graduated("marker", "displacement_mm", MILLIMETRES, diverging(), " mm", by_date("date", REPEAT_DAYS)),
        "confidence": ramp_style(list(reversed(sequential())), 0.0, 1.0),
    }


def main() -> None:
    """Write the files."""
    for name, text in all_styles().items():
        (Path(__file__).parent / "styles" / f"{name}.qml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
