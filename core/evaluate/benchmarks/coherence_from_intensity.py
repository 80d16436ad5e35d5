"""Benchmark of the coherence network against the window estimator, on held-out pairs and on a real one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from ....models.registry import Card
from ...progress import Progress
from ..report import Section, Table
from .coherence_amsterdam import AVERAGED, POOLED, REFERENCES, Result, compare, folder, reference_noise
from .coherence_limit import limit_of
from .coherence_plots import plot_amsterdam, plot_examples
from .coherence_sampler import known_law
from .coherence_scenes import Cell, failing_cells, headline_cells, looks_cells, shift_cells, straight_cells
from .coherence_tally import (
    BINS,
    COMPLEX,
    EDGE_BANDS,
    GUESSED,
    NETWORK,
    REGISTERED,
    WINDOWS,
    Deviations,
    Tally,
    classical_estimates,
    complex_estimate,
    groups_of,
    network_estimate,
)

SCENES, SCENES_OF_A_CELL = 48, 16
TARGET_EASY, TARGET_HARD, TARGET_SHIFT, TARGET_BIAS = 0.06, 0.12, 0.015, 0.03
TARGET_WINDOW_SHARE, TARGET_REAL_SHARE, TARGET_CORRELATION = 0.5, 0.7, 0.5
WHAT = (
    "Errors are against the true coherence of simulated pairs on grounds of the held-out family, those of the real pair"
    " against the coherence of its complex images. Easy: 4 looks, speckle independent from pixel to pixel, areas around"
    " random points with nothing but speckle in them, images that lie on each other. Hard: 3 to 6 looks that nobody"
    " tells, correlated speckle, texture, change of brightness, up to 1.5 pixels of misregistration,"
    " which is shared between the images, since a symmetric estimate belongs to the middle between them."
)
LIMITS = (
    "What it cannot know: coherence that leaves no trace in speckle. Where speckle says little the estimate falls back"
    " on brightness and texture as simulated landscapes have them; the table of failures shows what that costs."
)
Tallies = dict[str, Tally]
Shifted = tuple[float, Cell, Cell]


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure every cell, plot, and say it in tables."""
    network = network.to(device)
    easy, hard = headline_cells(SCENES)
    shifts, looks = shift_cells(SCENES_OF_A_CELL), looks_cells(SCENES_OF_A_CELL)
    failing = failing_cells(SCENES_OF_A_CELL)
    straight = straight_cells(SCENES_OF_A_CELL)
    cells = [easy, hard, *[c for _, *two in (*shifts, *looks) for c in two], *straight, *failing]
    measured: dict[Cell, Tallies] = {}
    calibration = {cell: Deviations() for cell in cells}
    for done, cell in enumerate(cells):
        progress.update(done / len(cells), cell.name)
        measured[cell] = measure(network, cell, device, calibration[cell])
    pictures.mkdir(parents=True, exist_ok=True)
    plot_examples(network, hard, device, pictures / "benchmark-coherence-examples.png")
    tables = [
        _headline(measured, easy, hard, calibration),
        _shifts_table(shifts, straight, measured),
        _cells_table("By looks: RMSE", "looks", [(f"{n:g}", one, two) for n, one, two in looks], measured),
        _bins_table(measured, easy, hard),
        _edges_table(measured, easy, hard),
        _failing_table(measured, failing),
        _limit_table(measured, [easy, *(row[1] for row in shifts if row[0] == 1.0), hard]),
    ]
    drawn = [("benchmark-coherence-examples.png", "Hard pairs: both images, truth, window, network, deviation")]
    verdict = _verdict(measured, easy, hard) + _shift_verdict(measured, shifts, straight)
    real = folder()
    if real is not None:
        table, words = _amsterdam(network, device, real)
        tables.append(table)
        verdict += words
        plot_amsterdam(network, device, real, pictures / "benchmark-coherence-amsterdam.png")
        drawn.append(("benchmark-coherence-amsterdam.png", "Amsterdam: image, complex coherence, window, network"))
    lines = [WHAT, *(f"**{line}**" for line in verdict), _about(card), LIMITS]
    return Section(card.name, "Coherence from detected images (`coherencefromgrd`)", lines, tables, drawn)


def measure(network: nn.Module, cell: Cell, device: torch.device, calibration: Deviations) -> Tallies:
    """Tally every estimator on the pairs of a cell."""
    tallies: Tallies = {}
    for pair in cell.draw(device):
        coherence, deviation = network_estimate(network, pair)
        estimates = {NETWORK: coherence, **classical_estimates(pair), COMPLEX: complex_estimate(pair)}
        groups = groups_of(pair)
        for name, values in estimates.items():
            tallies.setdefault(name, Tally()).add(values, pair, groups)
        calibration.add(coherence, deviation, pair)
    return tallies


def _best_window(tallies: Tallies, group: str = "all", kinds: tuple[str, ...] = ("", GUESSED)) -> tuple[str, float]:
    names = [f"window {side}{words}" for side in WINDOWS for words in kinds]
    best = min(names, key=lambda name: tallies[name].rmse(group).value)
    return best, tallies[best].rmse(group).value


def _side(window: str) -> str:
    return window.split()[1].rstrip(",")


def _says(what: str, value: float, limit: float) -> str:
    return f"{what} {value:.3f} (target {limit:.3f}): {'met' if value <= limit else 'not met'}."


def _verdict(measured: dict[Cell, Tallies], easy: Cell, hard: Cell) -> list[str]:
    lines = []
    for cell, limit in ((easy, TARGET_EASY), (hard, TARGET_HARD)):
        tallies = measured[cell]
        lines.append(_says(f"RMSE, {cell.name} set:", tallies[NETWORK].rmse().value, limit))
        lines.append(
            _says(f"Bias below coherence 0.2, {cell.name} set:", tallies[NETWORK].bias("low").value, TARGET_BIAS)
        )
    for words, kinds in (("as the images lie", ("", GUESSED)), ("of the images registered", (REGISTERED,))):
        window = TARGET_WINDOW_SHARE * _best_window(measured[hard], kinds=kinds)[1]
        value = measured[hard][NETWORK].rmse().value
        lines.append(_says(f"RMSE, hard set, against half of the best window's {words}:", value, window))
    return lines


def _shift_verdict(measured: dict[Cell, Tallies], shifts: list[Shifted], straight: tuple[Cell, Cell]) -> list[str]:
    still, moved = (next(row for row in shifts if row[0] == shift) for shift in (0.0, 1.0))
    lines = []
    for words, cells in (("along columns", straight), ("in any direction, and so between pixels", moved[1:])):
        for name, before, cell in zip(("easy", "hard"), still[1:], cells, strict=True):
            cost = measured[cell][NETWORK].rmse().value - measured[before][NETWORK].rmse().value
            lines.append(_says(f"One pixel of misregistration {words} costs, {name} set:", cost, TARGET_SHIFT))
    return lines


def _about(card: Card) -> str:
    facts = card.trained
    begun, million = str(facts.get("started_from", "?")), facts.get("parameters", 0) / 1e6
    minutes, before = facts.get("seconds", 0) / 60, facts.get("seconds_before", 0) / 60
    return (
        f"Network: configuration `{card.config}`, {million:.2f} million parameters, trained for {minutes:.0f} min"
        f" ({facts.get('steps', 0)} steps) after {before:.0f} min before, started from {begun[:14]},"
        f" by `{facts.get('command', '?')}`; weights {card.sha256[:12]}."
    )


def _headline(measured: dict[Cell, Tallies], easy: Cell, hard: Cell, calibration: dict[Cell, Deviations]) -> Table:
    columns = ["method", *[f"{what}, {cell.name}" for cell in (easy, hard) for what in ("RMSE", "bias below 0.2")]]
    table = Table("Every method", columns)
    for name in measured[easy]:
        numbers = []
        for cell in (easy, hard):
            tally = measured[cell][name]
            numbers += [tally.rmse().show(), f"{tally.bias('low').value:+.3f}"]
        table.rows.append([name, *numbers])
    stated = "; ".join(
        f"{cell.name}: {100 * calibration[cell].within(1.0):.0f} % within one stated deviation,"
        f" {100 * calibration[cell].within(2.0):.0f} % within two, calibration error {calibration[cell].error():.3f}"
        for cell in (easy, hard)
    )
    table.note = (
        "Windows are told the number of looks unless said otherwise. Misregistration is in the hard set, so the complex"
        f" images suffer from it too. Stated deviation of the network: {stated}."
    )
    return table


def _cells_table(title: str, what: str, rows: list[tuple[str, Cell, Cell]], measured: dict[Cell, Tallies]) -> Table:
    kinds = ("network", "best window", "registered")
    table = Table(title, [what, *[f"{kind}, {name}" for name in ("easy", "hard") for kind in kinds]])
    for value, *cells in rows:
        numbers = []
        for cell in cells:
            best, error = _best_window(measured[cell])
            level = _best_window(measured[cell], kinds=(REGISTERED,))[1]
            numbers += [measured[cell][NETWORK].rmse().show(), f"{error:.3f} ({_side(best)})", f"{level:.3f}"]
        table.rows.append([value, *numbers])
    table.note = (
        "In brackets the side of the window that was best of the images as they lie, which a user would not know;"
        " registered is the best window after the images were registered to whole pixels, as the tool does it."
    )
    return table


def _shifts_table(shifts: list[Shifted], straight: tuple[Cell, Cell], measured: dict[Cell, Tallies]) -> Table:
    rows = [(f"{value:g}, any direction" if value else "0", easy, hard) for value, easy, hard in shifts]
    table = _cells_table("By misregistration: RMSE", "pixels", [*rows, ("1, along columns", *straight)], measured)
    table.note += (
        " Whole pixels are put right. Between pixels the speckle that two images share, where it is independent from"
        " pixel to pixel, is spread over neighbours by sinc^2 along each axis: pairs r pixels apart tell of low"
        " coherence what the sum of sinc^4(r + n) over all n, for each axis, of the pixels would tell: a third at"
        " half a pixel along one axis, and half on average over the directions of one pixel. No registration brings"
        " that back."
    )
    return table


def _bins_table(measured: dict[Cell, Tallies], easy: Cell, hard: Cell) -> Table:
    names = (NETWORK, f"window {WINDOWS[-1]}")
    table = Table(
        "By true coherence: RMSE / bias", ["coherence", *[f"{n}, {c.name}" for c in (easy, hard) for n in names]]
    )
    for low, high in pairwise(BINS):
        group = f"{low:g}-{high:g}"
        cells = [measured[cell][name] for cell in (easy, hard) for name in names]
        table.rows.append([group, *[f"{t.rmse(group).value:.3f} / {t.bias(group).value:+.3f}" for t in cells]])
    return table


def _edges_table(measured: dict[Cell, Tallies], easy: Cell, hard: Cell) -> Table:
    columns = ["pixels from an edge", *[f"{n}, {c.name}" for c in (easy, hard) for n in (NETWORK, "best window")]]
    table = Table("By distance from a step of more than 0.1 in true coherence: RMSE", columns)
    for near, far in EDGE_BANDS:
        group = f"edge {near}-{far}"
        numbers = []
        for cell in (easy, hard):
            best, error = _best_window(measured[cell], group)
            numbers += [f"{measured[cell][NETWORK].rmse(group).value:.3f}", f"{error:.3f} ({_side(best)})"]
        table.rows.append([f"{near} to {far}" if far is not None else f"over {near}", *numbers])
    return table


def _failing_table(measured: dict[Cell, Tallies], failing: list[Cell]) -> Table:
    names = (NETWORK, f"window {WINDOWS[-1]}", f"window {WINDOWS[-1]}{GUESSED}")
    table = Table("Where intensities mislead: RMSE / bias", ["pairs", *names])
    for cell in failing:
        tallies = [measured[cell][name] for name in names]
        table.rows.append([cell.name, *[f"{t.rmse().value:.3f} / {t.bias().value:+.3f}" for t in tallies]])
    return table


def _limit_table(measured: dict[Cell, Tallies], cells: list[Cell]) -> Table:
    kinds = [f"{what}, {who}" for what in ("RMSE", "bias below 0.2") for who in ("network", "outlines known")]
    table = Table("What is possible where the outlines of the areas are known", ["set", *kinds])
    law, scenes = known_law(cells[0].options), cells[0].options.batch
    own = Tally({group: sums[:1] for group, sums in measured[cells[0]][NETWORK].sums.items()})
    for cell in cells:
        tally, limit = measured[cell][NETWORK], limit_of(cell.options)
        biases = [f"{value:+.3f}" for value in (tally.bias("low").value, limit.low_bias)]
        table.rows.append([cell.name, f"{tally.rmse().value:.3f}", f"{limit.rmse:.3f}", *biases])
    table.note = (
        "A regression from averages over whole areas, whose outlines it is told, fitted to scenes of the same kind; no"
        " coherence varies within its areas. Even so it is biased where coherence is low: what speckle does not tell"
        " from 0.2 or from 0 is guessed between them. Who is not told the outlines, but knows how areas are drawn, how"
        " coherence is spread and by which law speckle correlates, and averages over all that the images leave possible"
        f" (Metropolis' rule, begun at the truth), reaches {law.rmse:.3f} on the first {scenes} scenes of the easy"
        f" set, with a bias of {law.low_bias:+.3f}, where the network has {own.rmse().value:.3f} and"
        f" {own.bias('low').value:+.3f}: no map can be expected to have less error than that."
    )
    return table


def _amsterdam(network: nn.Module, device: torch.device, place: Path) -> tuple[Table, list[str]]:
    columns = ["method", "reference", "RMSE", "bias", "correlation", "RMSE, lower half", "upper half"]
    table = Table("Amsterdam, Sentinel-1, 12 days", columns)
    lines, noises, looks = [], [], 0.0
    for reference in REFERENCES:
        results, looks = compare(network, device, place, reference)
        down, across = (a * r for a, r in zip(AVERAGED, reference, strict=True))
        for name, result in results.items():
            numbers = (result.rmse, result.bias, result.correlation, result.rmse_low, result.rmse_high)
            table.rows.append([name, f"{down} x {across}", *[f"{number:.3f}" for number in numbers]])
        noise = reference_noise(place, reference)
        lines.append(_real_verdict(results, f"{down} x {across}"))
        noises.append(
            f"{noise:.2f} ({100 * noise**2 / results[NETWORK].rmse ** 2:.0f} % of the network's squared error)"
        )
    table.note = (
        f"Intensities of {AVERAGED[0]} x {AVERAGED[1]} single looks (rows x columns; {looks:.1f} looks by the images);"
        " the reference is the coherence of the complex images over a window of so many single looks: the larger one is"
        " the surer, the smaller one the finer. Halves are those below and above the median of the reference. The"
        " network speaks of single pixels; averaged over that window by amplitude, as the complex estimate is, it"
        " and the window methods are compared on the same footing. The references' own noise, by the two halves of"
        f" their bandwidth: {', '.join(noises)}. It is no untouched test: simulated towns were changed several times"
        " with a look at it, though no pixel of it was trained on."
    )
    return table, lines


def _real_verdict(results: dict[str, Result], reference: str) -> str:
    windows = {name: result.rmse for name, result in results.items() if name.startswith("window")}
    window = min(rmse for name, rmse in windows.items() if not name.endswith(POOLED))
    pooled_window = min(rmse for name, rmse in windows.items() if name.endswith(POOLED))
    net, pooled, constant = results[NETWORK], results[NETWORK + POOLED], results["a constant, the mean"].rmse
    met = net.rmse <= TARGET_REAL_SHARE * window and net.rmse < constant and net.correlation > TARGET_CORRELATION
    return (
        f"Amsterdam, reference {reference}: RMSE {net.rmse:.3f}, {net.rmse / window:.2f} of the best window's (target"
        f" {TARGET_REAL_SHARE:g}), a constant's {constant:.3f}, correlation {net.correlation:.2f} (target above"
        f" {TARGET_CORRELATION:g}): {'met' if met else 'not met'}. Both averaged over the reference's window, as that"
        f" is: RMSE {pooled.rmse:.3f}, {pooled.rmse / pooled_window:.2f} of the best window's, correlation"
        f" {pooled.correlation:.2f}."
    )
