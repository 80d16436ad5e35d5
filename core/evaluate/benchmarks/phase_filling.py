"""Benchmark of the filling network against classical fills, in the paper's protocol and beyond it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from ....models.registry import Card
from ...progress import Progress
from ...simulate.terrain import TerrainSource, find_terrain
from ..fill_metrics import fringe_lines
from ..report import Section, Table
from . import fill_tables as tables
from .fill_cases import Case, Sample, all_cases
from .fill_methods import ALONE, LAPLACE, NETWORK, TOLD, WITHOUT, Answer, ask, quick, slow
from .fill_plots import plot_examples
from .fill_real import HIDDEN, correlations, find_real, real_samples
from .fill_tally import Measured, Results

SAMPLES = 16  # of each case
BATCH = 8
SURE = 0.5  # a fringe line where stage one says so with this probability


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure every case, plot, and say it in tables."""
    network = network.to(device)
    terrain = find_terrain("validation")
    cases = all_cases(SAMPLES)
    results: Results = {}
    for done, case in enumerate(cases):
        progress.update(done / (len(cases) + 1), f"{case.group}: {case.name}")
        results[case] = measure(network, case, terrain)
    real = measure_real(network)
    pictures.mkdir(parents=True, exist_ok=True)
    plot_examples(network, cases, terrain, pictures / "benchmark-phase_filling-examples.png")
    return Section(
        card.name,
        "Gaps in the phase (`reconstructphase`)",
        [tables.WHAT, tables.about(card), tables.NOTES],
        _tables(results, real, [tile.name for tile in terrain.tiles] if terrain is not None else ["fractal terrain"]),
        [("benchmark-phase_filling-examples.png", "Truth, what is observed, Laplace, MCF, network, its confidence")],
    )


def _tables(results: Results, real: dict[tuple[float, float], Measured], tiles: list[str]) -> list[Table]:
    return [
        tables.targets(results, real),
        tables.paper(results),
        tables.by_tile(results, tiles),
        tables.fringes(results),
        tables.configurations(results),
        tables.errors(results),
        tables.by_distance(results),
        tables.coverage(results, real),
        tables.real(real),
    ]


def measure(network: nn.Module, case: Case, terrain: TerrainSource | None) -> Measured:
    """Every method on the samples of a case."""
    whole = case.draw(terrain)
    measured = Measured()
    for start in range(0, len(whole.truth), BATCH):
        sample = whole.part(start, start + BATCH)
        answer = ask(network, sample)
        _note(measured, answer, sample)
        for name, phase in {**quick(sample), **slow(sample)}.items():
            measured.add(name, phase, sample)
        if case.group == "paper":
            lines = fringe_lines(sample.truth)[:, None].float()
            measured.add(TOLD, ask(network, sample, lines=lines).phase, sample)
            measured.add(ALONE, ask(network, sample, alone=True).phase, sample)
        elif sample.coherence is not None:
            measured.add(WITHOUT, ask(network, sample, coherence=False).phase, sample)
    return measured


def measure_real(network: nn.Module) -> dict[tuple[float, float], Measured]:
    """The network and the quick methods on the real interferogram; empty where that is not at hand."""
    path = find_real()
    results: dict[tuple[float, float], Measured] = {}
    for sigma, share in HIDDEN if path is not None else ():
        sample = real_samples(path, sigma, share)  # type: ignore[arg-type]
        measured = results[sigma, share] = Measured()
        parts = [sample.part(start, start + BATCH) for start in range(0, len(sample.truth), BATCH)]
        made: dict[str, list[torch.Tensor]] = {}
        for part in parts:
            answer = ask(network, part)
            _note(measured, answer, part)
            made.setdefault(NETWORK, []).append(answer.phase)
            for name, phase in quick(part).items():
                measured.add(name, phase, part)
                made.setdefault(name, []).append(phase)
        for name in (NETWORK, LAPLACE):
            measured.correlation[name] = correlations(torch.cat(made[name]), sample)
    return results


def _note(measured: Measured, answer: Answer, sample: Sample) -> None:
    """Count the network's answer, its fringe lines and its intervals."""
    measured.add(NETWORK, answer.phase, sample)
    seen = fringe_lines(sample.observed.angle())
    known = ~sample.gap
    both = known.clone()  # lines between observed pixels are observed, whatever stage one says
    both[..., :-1] &= known[..., 1:]
    both[..., :-1, :] &= known[..., 1:, :]
    measured.stage_one.add_lines(torch.where(both, seen, answer.line > SURE), sample)
    measured.coverage.add(answer.phase, answer.log_concentration, answer.confidence, sample)
