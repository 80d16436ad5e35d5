"""Which networks there are, how each is built, and how its weights are loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from .atmosphere.network import AtmosphereNet
from .atmosphere.paper import WIDTH as PAPER_ATMOSPHERE_WIDTH
from .atmosphere.paper import PaperNet as PaperAtmosphereNet
from .blocks import fold
from .coherence_from_intensity.network import CoherenceNet
from .decorrelation.network import DecorrelationNet
from .decorrelation.paper import PaperNet
from .landslide_detection.network import LandslideNet
from .landslide_detection.paper import PaperNet as PaperLandslideNet
from .phase_filling.network import PhaseFillingNet
from .phase_filling.paper import FULL_WIDTH, PaperFillingNet
from .phase_unwrapping.network import UnwrapNet
from .phase_unwrapping.paper import REDUCED_WIDTH as REDUCED_UNWRAP_WIDTH
from .phase_unwrapping.paper import PaperNet as PaperUnwrapNet
from .subsidence_detection.network import TroughHead
from .subsidence_detection.paper import FULL_WIDTH as FULL_DETECTOR_WIDTH
from .subsidence_detection.paper import PaperDetector
from .weights import METADATA, BadWeights, Stored, read_header, read_weights, wanted

FOLDER = Path(__file__).resolve().parent
WEIGHTS, CARD = "weights.safetensors", "card.json"


@dataclass(frozen=True)
class Entry:
    """One network: what it is for, and a builder for each of its configurations."""

    summary: str
    configs: Mapping[str, Callable[[], nn.Module]]


NETWORKS: dict[str, Entry] = {
    "atmosphere": Entry(
        "tells deformation from atmosphere in unwrapped interferograms",
        {
            "default": AtmosphereNet,
            "paper": PaperAtmosphereNet,
            "paper_full": partial(PaperAtmosphereNet, PAPER_ATMOSPHERE_WIDTH),
        },
    ),
    "coherence_from_intensity": Entry("estimates coherence from two detected images", {"default": CoherenceNet}),
    "decorrelation": Entry("marks pixels whose phase is noise", {"default": DecorrelationNet, "paper": PaperNet}),
    "landslide_detection": Entry(
        "finds landslides in stacks of phase gradients",
        {"default": LandslideNet, "paper": PaperLandslideNet, "paper_full": partial(PaperLandslideNet, 1.0)},
    ),
    "phase_filling": Entry(
        "fills gaps of wrapped phase, fringes first",
        {
            "default": PhaseFillingNet,
            "single": partial(PhaseFillingNet, fringes=False),
            "paper": PaperFillingNet,
            "paper_single": partial(PaperFillingNet, fringes=False),
            "paper_full": partial(PaperFillingNet, FULL_WIDTH),
        },
    ),
    "phase_unwrapping": Entry(
        "predicts the gradients of the unwrapped phase, and troughs",
        {
            "default": UnwrapNet,
            "paper": partial(PaperUnwrapNet, REDUCED_UNWRAP_WIDTH),
            "paper_full": PaperUnwrapNet,
        },
    ),
    "subsidence_detection": Entry(
        "finds troughs in what the unwrapping network sees",
        {
            "default": TroughHead,
            "paper": PaperDetector,
            "paper_full": partial(PaperDetector, FULL_DETECTOR_WIDTH),
        },
    ),
}


@dataclass(frozen=True)
class Card:
    """Where weights come from: written when they are installed, read with them."""

    name: str
    config: str
    sha256: str
    trained: Mapping[str, Any] = field(default_factory=dict)  # commit, command, data, seconds, steps, parameters
    metrics: Mapping[str, Any] = field(default_factory=dict)  # on the validation set of the recipe
    notes: str = ""

    def write(self, path: Path) -> None:
        """Write the card as JSON, whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n", encoding="utf-8")
        part.replace(path)


def folder(name: str) -> Path:
    """Where the network, its weights and its card are."""
    _entry(name)
    return FOLDER / name


def build(name: str, config: str = "default") -> nn.Module:
    """A fresh network with `halo`, `multiple_of`, `channels` and `outputs`; ValueError for names that do not exist."""
    configs = _entry(name).configs
    if config not in configs:
        msg = f"network {name} has no configuration {config!r}; there are: {', '.join(sorted(configs))}"
        raise ValueError(msg)
    return configs[config]()


def read_card(name: str) -> Card | None:
    """The card of the weights that came along, None where there are none; BadWeights where it cannot be read."""
    path = folder(name) / CARD
    if not path.is_file():
        return None
    try:
        return Card(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        msg = f"{path}: the card cannot be read ({error}). Restore models/{name} from the release."
        raise BadWeights(msg) from error


def load(name: str, path: Path | str | None = None) -> tuple[nn.Module, Card]:
    """A network in evaluation, ready to predict, with its card; BadWeights says what is wrong with a file.

    Without a path: the weights that came along, whose hash must be that of their card. With one: a file whose own
    metadata names the network and the configuration, as `fringelens train` writes them.
    """
    network, card = load_unfolded(name, path)
    return fold(network.eval().requires_grad_(False)), card


def load_unfolded(name: str, path: Path | str | None = None) -> tuple[nn.Module, Card]:
    """Like `load`, with the batch normalisations still there, so that training can go on from it."""
    if path is None:
        return _load_own(name)
    file = Path(path)
    header, _ = read_header(file)
    metadata = header.get(METADATA, {})
    if metadata.get("network") != name:
        msg = f"{file}: holds weights of network {metadata.get('network')!r}, needed is {name!r}. Choose another file."
        raise BadWeights(msg)
    config = str(metadata.get("config", "default"))
    network, stored = _fill(name, config, file)
    return network, Card(name, config, stored.sha256, notes=f"weights of the user, {file.name}")


def _load_own(name: str) -> tuple[nn.Module, Card]:
    file, card = folder(name) / WEIGHTS, read_card(name)
    if card is None:
        msg = f"{file}: no weights came with network {name}. Train it (fringelens train {name}) or name a weights file."
        raise BadWeights(msg)
    if not file.is_file():
        msg = (
            f"{file}: the weights of network {name} are not in this copy of FringeLens. Add them from the weights file"
            " of the release: Plugins > FringeLens > Runtime… > Weights from file…, or `fringelens weights FILE`; or"
            " name weights of your own as MODEL."
        )
        raise BadWeights(msg)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != card.sha256:
        msg = f"{file}: its SHA-256 is {found[:12]}, its card says {card.sha256[:12]}. Restore it from the release."
        raise BadWeights(msg)
    return _fill(name, card.config, file)[0], card


def _fill(name: str, config: str, file: Path) -> tuple[nn.Module, Stored]:
    try:
        network = build(name, config)
    except ValueError as error:
        msg = f"{file}: {error}"
        raise BadWeights(msg) from error
    stored = read_weights(file, wanted(network))
    network.load_state_dict(stored.tensors, strict=False)
    return network, stored


def _entry(name: str) -> Entry:
    if name not in NETWORKS:
        msg = f"there is no network {name!r}; there are: {', '.join(sorted(NETWORKS))}"
        raise ValueError(msg)
    return NETWORKS[name]
