"""The tables of the filling benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ....models.registry import Card
from ..report import Table
from .fill_methods import ALONE, ALONG, LAPLACE, MCF, NEAREST, NETWORK, ORACLE, SMOOTH, TOLD
from .fill_tally import EDGES, Measured, Results, Tally

Real = Mapping[tuple[float, float], Measured]

WHAT = (
    "Circular errors are those of the filled pixels alone, in radians, against the phase without noise; patches have"
    " 256 pixels a side and half of them are missing, in blobs (Gaussian noise of the given sigma in pixels, above its"
    " median) or one by one. Topographic phase is that of the paper's geometry (perpendicular baseline 100 m,"
    " wavelength 0.055 m, range 907 km, incidence 42.1 degrees) over validation terrain, every tile counting alike."
    " Differential phase is a point source under turbulence at coherence 0.6 and 9 looks."
)
NOTES = (
    "The paper reports SSIM 0.903 and PSNR 30.4 dB (0.986 and 41.3 dB with true fringes, 0.826 and 22.1 dB without),"
    " and fringe accuracy, precision and recall of 0.920, 0.837 and 0.689, on patches cut from the terrain it was"
    " trained on. Its phase is scaled to 0..1 with the jumps in it, so that a pixel on the wrong side of a jump counts"
    " as an error of a whole cycle; the circular errors below do not."
)
CLASSICAL = (NEAREST, LAPLACE, SMOOTH, ALONG, MCF, ORACLE)


def about(card: Card) -> str:
    """Where the weights come from."""
    facts = card.trained
    return (
        f"Network: configuration `{card.config}`, {facts.get('parameters', 0) / 1e6:.2f} million parameters, trained"
        f" for {facts.get('seconds', 0) / 60:.0f} min ({facts.get('steps', 0)} steps); weights {card.sha256[:12]}."
    )


def targets(results: Results, real: Real) -> Table:
    """What was asked for, and what came."""
    table = Table("Targets", ["measure", "target", "measured", "met"])
    differential = _of(results, "differential", "5")
    topographic = _of(results, "topographic", "5")
    pixels = _of(results, "paper", "single pixels")
    aliased, taken = (_of(results, "aliased", f"{word} TOPOGRAPHIC_PHASE") for word in ("without", "with"))

    def line(what: str, target: str, value: float, *, met: bool | None) -> None:
        table.rows.append([what, target, f"{value:.3f}", "-" if met is None else "yes" if met else "no"])

    error = differential.methods[NETWORK].mae().value
    line("circular MAE, differential, blobs of 5 pixels", "<= 0.17", error, met=error <= 0.17)
    error = topographic.methods[NETWORK].mae().value
    line("circular MAE, topographic, 28 m, blobs of 5 pixels", "<= 0.50", error, met=error <= 0.50)
    line("circular MAE, topographic, 90 m, highest relief", "reported", aliased.methods[NETWORK].mae().value, met=None)
    error = taken.methods[NETWORK].mae().value
    line("the same with TOPOGRAPHIC_PHASE", "<= 0.30", error, met=error <= 0.30)
    _, precision, recall = pixels.methods[NETWORK].fringes()
    line("fringe precision, single pixels, 90 m", ">= 0.85", precision, met=precision >= 0.85)
    line("fringe recall, single pixels, 90 m", ">= 0.80", recall, met=recall >= 0.80)
    ssim = pixels.methods[NETWORK].on_unit_scale()[2]
    line("SSIM, single pixels, 90 m", ">= 0.95", ssim, met=ssim >= 0.95)
    for (sigma, share), measured in real.items():
        tallies = measured.methods
        ratio = tallies[NETWORK].mae().value / tallies[LAPLACE].mae().value
        name = f"real gaps, blobs of {sigma:g} pixels at {100 * share:.0f} %"
        line(f"{name}: error over that of Laplace", "<= 0.85", ratio, met=ratio <= 0.85)
        correlation = measured.correlation[NETWORK][1]
        line(f"{name}: circular correlation", "> 0.87", correlation, met=correlation > 0.87)
    return table


def paper(results: Results) -> Table:
    """The paper's measures of phase scaled to 0..1 over whole patches."""
    columns = ["mask", "method", "MAE", "MSE", "SSIM", "PSNR dB"]
    table = Table("The paper's protocol, 90 m: phase scaled to 0..1", columns)
    for case, measured in results.items():
        if case.group != "paper":
            continue
        for name in (*CLASSICAL, NETWORK):
            if name in measured.methods:
                mae, mse, ssim, psnr = measured.methods[name].on_unit_scale()
                table.rows.append([case.name, name, f"{mae:.4f}", f"{mse:.4f}", f"{ssim:.3f}", f"{psnr:.1f}"])
    return table


def by_tile(results: Results, tiles: Sequence[str]) -> Table:
    """SSIM of single pixels on each tile of the terrain, whose samples take turns."""
    table = Table("The paper's protocol, single pixels, by tile: SSIM", ["tile", MCF, ORACLE, NETWORK])
    pixels = _of(results, "paper", "single pixels")
    for index, tile in enumerate(tiles):
        rows = (np.concatenate(pixels.methods[name].scaled)[index :: len(tiles)] for name in (MCF, ORACLE, NETWORK))
        table.rows.append([tile, *[f"{row[:, 2].mean():.3f}" for row in rows]])
    table.note = (
        "What knows the true unwrapped phase bounds what filling can reach where fringes are narrower than the holes."
    )
    return table


def fringes(results: Results) -> Table:
    """Fringe lines, exact to the pixel."""
    columns = ["mask", "lines of", "accuracy", "precision", "recall", "precision, gaps", "recall, gaps"]
    table = Table("Fringe lines, exact to the pixel, 90 m", columns)
    for case, measured in results.items():
        if case.group != "paper":
            continue
        kinds = {"stage one": measured.stage_one, "filled phase": measured.methods[NETWORK]}
        kinds |= {name: measured.methods[name] for name in (LAPLACE, MCF)}
        for name, tally in kinds.items():
            numbers = [*tally.fringes(), *tally.fringes(gaps=True)[1:]]
            table.rows.append([case.name, name, *[f"{number:.3f}" for number in numbers]])
    table.note = "Whole patches, as in the paper, and gap pixels alone. Lines between observed pixels are observed."
    return table


def configurations(results: Results) -> Table:
    """The paper's Table 3."""
    columns = ["mask", "fringes", "MAE", "MSE", "SSIM", "PSNR dB", "circular MAE"]
    table = Table("What the fringes are worth (the paper's Table 3)", columns)
    for case, measured in results.items():
        if case.group != "paper":
            continue
        for name, words in ((TOLD, "true lines"), (NETWORK, "reconnected"), (ALONE, "none")):
            tally = measured.methods[name]
            mae, mse, ssim, psnr = tally.on_unit_scale()
            numbers = [f"{mae:.4f}", f"{mse:.4f}", f"{ssim:.3f}", f"{psnr:.1f}", f"{tally.mae().value:.3f}"]
            table.rows.append([case.name, words, *numbers])
    table.note = "One network, told the true fringe lines, its own, or none: it met all three in training."
    return table


def errors(results: Results) -> Table:
    """Circular errors of every method, with intervals."""
    columns = ["phase", "blobs or gaps", "method", "MAE rad", "RMSE rad", "within 0.5 rad %"]
    table = Table("Circular errors in the gaps", columns)
    for case, measured in results.items():
        for name, tally in _ordered(measured.methods):
            row = [case.group, case.name, name, tally.mae().show(), f"{tally.rmse():.3f}", f"{100 * tally.good():.1f}"]
            table.rows.append(row)
    table.note = (
        "'Along observed fringes' is the network's starting point: a pyramid fill that turns what it carries by the"
        " fringe frequency around the gap. 'True unwrapped' knows the unwrapped phase of what is observed."
    )
    return table


def by_distance(results: Results) -> Table:
    """Errors by how deep in the gap a pixel lies."""
    names = [f"{low + 1} to {high}" for low, high in zip((0, *EDGES), EDGES, strict=False)] + [f"beyond {EDGES[-1]}"]
    table = Table("MAE (rad) by distance to the nearest observed pixel", ["phase", "blobs or gaps", "method", *names])
    for case, measured in results.items():
        for name in (LAPLACE, MCF, NETWORK):
            numbers = [f"{value:.3f}" for value in measured.methods[name].by_distance()]
            table.rows.append([case.group, case.name, name, *numbers])
    return table


def coverage(results: Results, real: Real) -> Table:
    """Calibration."""
    columns = ["phase", "blobs or gaps", "in 68 % interval", "in 95 % interval", "mean confidence", "mean cosine"]
    table = Table("How sure the network is, against what happened", columns)
    rows = [(case.group, case.name, measured) for case, measured in results.items()]
    rows += [("real", f"{sigma:g} at {100 * share:.0f} %", measured) for (sigma, share), measured in real.items()]
    for group, name, measured in rows:
        held = measured.coverage.shares()
        numbers = [held[0].show(100, 1), held[1].show(100, 1), f"{held[2].value:.3f}", f"{held[3].value:.3f}"]
        table.rows.append([group, name, *numbers])
    table.note = "Confidence is the cosine of the error that the network expects. Real phase keeps its noise as truth."
    return table


def real(results: Real) -> Table:
    """Thessaly with blobs hidden."""
    columns = ["blobs", "method", "MAE rad", "over Laplace", "Pearson", "circular correlation"]
    table = Table("Thessaly (Sentinel-1, LiCSAR), blobs hidden", columns)
    for (sigma, share), measured in results.items():
        base = measured.methods[LAPLACE].mae().value
        for name, tally in _ordered(measured.methods):
            pearson, circular = measured.correlation.get(name, (None, None))
            numbers = [tally.mae().show(), f"{tally.mae().value / base:.2f}"]
            numbers += ["-" if value is None else f"{value:.3f}" for value in (pearson, circular)]
            table.rows.append([f"{sigma:g} at {100 * share:.0f} %", name, *numbers])
    table.note = (
        "Against the observed phase, which keeps its noise and the resampled lines along its jumps. The paper's"
        " correlation of wrapped phases is Pearson's (0.72 to 0.87)."
    )
    return table


def _ordered(methods: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    """Classical methods first, then the network's."""
    first = [name for name in CLASSICAL if name in methods]
    return [(name, methods[name]) for name in [*first, *(name for name in methods if name not in first)]]


def _of(results: Results, group: str, name: str) -> Measured:
    return next(measured for case, measured in results.items() if (case.group, case.name) == (group, name))
