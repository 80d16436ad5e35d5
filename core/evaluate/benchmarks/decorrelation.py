"""Benchmark of the mask network against Otsu and the best possible threshold."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from ....models.registry import Card
from ...progress import Progress
from ...simulate.phase_noise import PHASE_NOISE_LIMIT
from ..mask_metrics import MARGIN
from ..report import Section, Table
from .mask_plots import plot_calibration, plot_cells, plot_examples
from .mask_scenes import Cell, kind_cells, looks_cells
from .mask_tally import PERFECT, Calibration, Tally, methods, scored_pixels

SCENES_BY_LOOKS, SCENES_BY_KIND = 96, 48
TARGET_IOU, TARGET_LOST = 0.90, 0.01
HEADLINE_LOOKS = (1, 4)
NETWORK = "network, all inputs"
WHAT = (
    "A pixel is decorrelated where the standard deviation of its phase, from its true coherence and looks, is beyond"
    f" {PHASE_NOISE_LIMIT} rad (filters and resampling count as looks). Pixels within {MARGIN} rad of that limit are"
    " not scored, since a user may call them either; strict numbers score them too. IoU is that of the decorrelated"
    " pixels, summed over the scenes; lost is the share of coherent pixels that a mask takes away. Targets at 1 and 4"
    " looks with all inputs: IoU at least 0.90, lost at most 1 %. One number was set with a look at this benchmark:"
    " how many coherent pixels the threshold may lose in calibration (`LOST_AIM` of the recipe)."
)
PAPER = (
    "The papers (Wang et al. 2023, Zhang et al. 2021) give no absolute IoU, only a gain of 6.3 points of IoU and 4.0 of"
    " F1 over the best other network on two hand-labelled TanDEM-X interferograms: no figure of theirs is comparable."
)
Tallies = dict[str, Tally]


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure every cell, plot, and say it in tables."""
    network = network.to(device)
    calibration = Calibration()
    cells = [*looks_cells(SCENES_BY_LOOKS), *kind_cells(SCENES_BY_KIND)]
    measured: dict[Cell, Tallies] = {}
    for done, cell in enumerate(cells):
        progress.update(done / len(cells), f"{cell.name}, {cell.looks} looks")
        measured[cell] = measure(network, cell, device, calibration)
    by_looks = {cell.looks: tallies for cell, tallies in measured.items() if cell.name == "everything"}
    kinds = {cell: tallies for cell, tallies in measured.items() if cell.name != "everything"}
    pictures.mkdir(parents=True, exist_ok=True)
    plot_cells(by_looks, pictures / "benchmark-decorrelation-looks.png")
    plot_calibration(calibration, pictures / "benchmark-decorrelation-calibration.png")
    plot_examples(network, looks_cells(8), device, pictures / "benchmark-decorrelation-examples.png")
    return Section(
        card.name,
        "Mask of decorrelated areas (`decorrelationmask`)",
        [WHAT, _verdict(by_looks), _about(card), PAPER],
        [
            _headline(by_looks),
            _looks_table(by_looks),
            _kinds_table(kinds),
            _classes_table(by_looks),
            _quality_table(by_looks, calibration),
        ],
        [
            ("benchmark-decorrelation-looks.png", "IoU and pixels lost by looks"),
            ("benchmark-decorrelation-calibration.png", "Share of decorrelated pixels by probability"),
            ("benchmark-decorrelation-examples.png", "Held-out scenes: phase, coherence, truth, Otsu, network"),
        ],
    )


def measure(network: nn.Module, cell: Cell, device: torch.device, calibration: Calibration) -> Tallies:
    """Tally every method on the scenes of a cell."""
    tallies: Tallies = {}
    for scene in cell.draw(device):
        masks, probability = methods(network, scene)
        scored = scored_pixels(scene)
        for name, mask in masks.items():
            tallies.setdefault(name, Tally()).add(mask, scene, scored)
        calibration.add(probability, scene.decorrelated, scene.valid)
    return tallies


def _verdict(by_looks: dict[int, Tallies]) -> str:
    words = []
    for looks in HEADLINE_LOOKS:
        tally = by_looks[looks][NETWORK]
        met = tally.iou().value >= TARGET_IOU and tally.lost().value <= TARGET_LOST
        strict = f"strict {tally.iou(strict=True).value:.3f} and {100 * tally.lost(strict=True).value:.2f} %"
        measured = f"IoU {tally.iou().value:.3f}, lost {100 * tally.lost().value:.2f} % ({strict})"
        words.append(f"{looks} look{'s' * (looks > 1)}: {measured}, targets {'met' if met else 'not met'}")
    return "**" + "; ".join(words) + ".**"


def _about(card: Card) -> str:
    facts = card.trained
    begun, million = str(facts.get("started_from", "?")), facts.get("parameters", 0) / 1e6
    return (
        f"Network: configuration `{card.config}`, {million:.2f} million parameters, trained for"
        f" {facts.get('seconds', 0) / 60:.0f} min ({facts.get('steps', 0)} steps), started from {begun[:14]},"
        f" by `{facts.get('command', '?')}`; weights {card.sha256[:12]}."
    )


def _headline(by_looks: dict[int, Tallies]) -> Table:
    columns = ["method", "looks", "IoU", "F1", "lost %", "strict IoU", "strict lost %"]
    table = Table("Every method, everything the simulator draws", columns)
    for looks in HEADLINE_LOOKS:
        for name, tally in by_looks[looks].items():
            if name != PERFECT:
                numbers = [tally.iou().show(), tally.f1().show(), tally.lost().show(100, 2)]
                strict = [tally.iou(strict=True).show(), tally.lost(strict=True).show(100, 2)]
                table.rows.append([name, str(looks), *numbers, *strict])
    table.note = (
        "Strict numbers count every valid pixel. The oracle chooses the best threshold on coherence for each scene by"
        " knowing the truth."
    )
    return table


def _looks_table(by_looks: dict[int, Tallies]) -> Table:
    names = [name for name in next(iter(by_looks.values())) if name != PERFECT]
    table = Table("By looks: IoU / lost %", ["method", *[f"{looks}" for looks in by_looks]])
    for name in names:
        table.rows.append([name, *[_brief(tallies[name]) for tallies in by_looks.values()]])
    return table


def _kinds_table(kinds: dict[Cell, Tallies]) -> Table:
    names = [name for name in next(iter(kinds.values())) if name != PERFECT]
    table = Table("By kind of scene: IoU / lost %", ["scenes", "looks", *names])
    for cell, tallies in kinds.items():
        table.rows.append([cell.name, str(cell.looks), *[_brief(tallies[name]) for name in names]])
    return table


def _classes_table(by_looks: dict[int, Tallies]) -> Table:
    kinds = ("found %", "lost %", "share noisy %")
    columns = ["land cover", *[f"{kind}, {looks}" for looks in HEADLINE_LOOKS for kind in kinds]]
    table = Table("By land cover, all inputs, at 1 and 4 looks", columns)
    for name in by_looks[HEADLINE_LOOKS[0]][NETWORK].classes:
        cells = []
        for looks in HEADLINE_LOOKS:
            hit, false, missed, kept = by_looks[looks][NETWORK].classes[name]
            noisy, clear = hit + missed, false + kept
            cells += [_share(hit, noisy), _share(false, clear), _share(noisy, noisy + clear)]
        table.rows.append([name, *cells])
    table.note = "Found: share of the decorrelated pixels that the mask has. Share noisy: of all pixels of the class."
    return table


def _quality_table(by_looks: dict[int, Tallies], calibration: Calibration) -> Table:
    kinds = ("boundary F1", "residues left per 1000")
    columns = ["method", *[f"{kind}, {looks}" for looks in HEADLINE_LOOKS for kind in kinds]]
    table = Table("Boundaries (2 pixels) and residues left in what is kept", columns)
    for name in by_looks[HEADLINE_LOOKS[0]]:
        tallies = [by_looks[looks][name] for looks in HEADLINE_LOOKS]
        numbers = [number for tally in tallies for number in (tally.mean_boundary(), tally.mean_residues())]
        table.rows.append([name, *[f"{number:.3f}" for number in numbers]])
    table.note = f"Expected calibration error of the network's probability, all cells: {calibration.error():.4f}."
    return table


def _brief(tally: Tally) -> str:
    return f"{tally.iou().value:.3f} / {100 * tally.lost().value:.2f}"


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}" if whole else "-"
