"""The page that a comparison leaves: numbers, pictures, and how the differences are spread. One file, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WORDS = {
    "COUNT": ("pixels compared", ""),
    "MAE": ("mean absolute difference", "value"),
    "RMSE": ("root mean square difference", "value"),
    "BIAS": ("mean difference, INPUT minus REFERENCE", "value"),
    "SSIM": ("structural similarity, 7 x 7 pixels", ""),
    "PSNR": ("peak signal-to-noise ratio", "dB"),
    "CORRELATION": ("correlation (for wrapped phase: length of the mean phasor of the difference)", ""),
    "CIRCULAR_MAE": ("mean absolute difference around the circle", "rad"),
    "CIRCULAR_RMSE": ("root mean square difference around the circle", "rad"),
    "CONGRUENCE_ERROR": ("root mean square distance from a whole number of cycles", "rad"),
    "RIGHT_CYCLE_SHARE": ("share within half a cycle, the constant removed", ""),
    "CONSTANT": ("constant that was removed: the median difference", "rad"),
    "IOU": ("intersection over union", ""),
    "PRECISION": ("share of the marked pixels of INPUT that REFERENCE marks", ""),
    "RECALL": ("share of the marked pixels of REFERENCE that INPUT marks", ""),
    "F1": ("harmonic mean of precision and recall", ""),
    "ACCURACY": ("share of pixels on which both agree", ""),
}

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td{padding:.2rem .8rem .2rem 0;vertical-align:top}
td.number{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
.pictures{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;flex:1 1 300px}
img{width:100%;image-rendering:pixelated;border:1px solid #8888}figcaption{font-size:.9em}
svg{width:100%;max-width:640px;height:auto}
"""
_WIDE, _HIGH = 640, 160  # of the histogram


def page(
    title: str,
    files: Mapping[str, str],
    numbers: Mapping[str, float],
    units: str,
    pictures: Sequence[tuple[str, str]],
    histogram: tuple[Sequence[int], str],
) -> str:
    """HTML of a comparison: `pictures` are (caption, data address), `histogram` is (counts, words)."""
    named = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in files.items())
    figures = "".join(
        f'<figure><img src="{address}" alt="{escape(caption)}"><figcaption>{escape(caption)}</figcaption></figure>'
        for caption, address in pictures
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1><table>{named}</table>"
        f"<h2>Numbers</h2><table>{_rows(numbers, units)}</table>"
        f'<h2>Pictures</h2><div class="pictures">{figures}</div>'
        f"<h2>Differences</h2>{_bars(*histogram)}</body></html>\n"
    )


def _rows(numbers: Mapping[str, float], units: str) -> str:
    rows = []
    for name, value in numbers.items():
        words, unit = WORDS[name]
        unit = units if unit == "value" else unit
        shown = f"{value:,.0f}" if name == "COUNT" else f"{value:.5g}"
        rows.append(
            f'<tr><td>{escape(name)}</td><td class="number">{shown} {escape(unit)}</td><td>{escape(words)}</td></tr>'
        )
    return "".join(rows)


def _bars(counts: Sequence[int], words: str) -> str:
    most = max([*counts, 1])
    width = _WIDE / max(len(counts), 1)
    bars = "".join(
        f'<rect x="{i * width:.1f}" y="{_HIGH * (1 - n / most):.1f}" width="{max(width - 1, 1):.1f}"'
        f' height="{_HIGH * n / most:.1f}" fill="#4477aa"/>'
        for i, n in enumerate(counts)
    )
    drawing = f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(words)}">{bars}</svg>'
    return f"{drawing}<p>{escape(words)}</p>"
