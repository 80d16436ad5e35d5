"""Run a network over a raster tile by tile: one thread reads ahead, one writes, and no seam is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..errors import ResourceError
from ..progress import Progress
from ..raster.window import Window
from .device import Device
from .pipeline import read_ahead, written_behind
from .tiles import Plan, Read, Tile, read_reflected

Loaded = tuple[Tile, npt.NDArray[np.float32]]  # with the planes of its reach
Answered = tuple[Tile, npt.NDArray[np.float32]]  # with what the network says of its interior
Sides = tuple[int, int, int, int]  # pixels at the top, bottom, left and right
Write = Callable[[Window, npt.NDArray[np.float32]], None]

# Stands for the planes of a tile that the network need not see.
_NOTHING = np.empty((0, 0, 0), np.float32)

# What allocators say when they run out, besides torch's own exception.
_OUT_OF_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "alloc_cpu")

# Pixels of a batch: below it small tiles are taken together, so that the network is not called for trifles.
_BATCH_PIXELS = 512 * 512


class Network(Protocol):
    """What the engine needs of a network: any callable with these attributes will do."""

    halo: int  # pixels from an output to the farthest input it depends on
    multiple_of: int  # sides of the input must be divisible by it
    channels: int
    outputs: int

    def __call__(self, batch: Tensor, /) -> Tensor:
        """(n, channels, h, w) to (n, outputs, h, w)."""


@runtime_checkable
class Trimming(Protocol):
    """A network whose first steps need more of the surroundings than the rest, so that it can drop some on the way."""

    spare: int  # pixels of the halo that only its first steps need, a multiple of `multiple_of`

    def trimmed(self, batch: Tensor, sides: Sides) -> Tensor:
        """As when called, less `sides` pixels; nearer to them than the halo, less `spare`, nothing has to be right."""


@dataclass(frozen=True)
class Options:
    """How to run: `tile_size` is the interior of a tile; `batch` 0 lets the tile size decide."""

    device: Device
    tile_size: int = 1024
    batch: int = 0
    channels_last: bool = True


def predict(
    network: Network, read: Read, shape: tuple[int, int], write: Write, options: Options, progress: Progress
) -> None:
    """Show the network every pixel of a raster of `shape` (rows, columns) and hand its answer to `write`.

    `read` gives float32 planes (channels, h, w) of a window inside the raster and is called in one other thread,
    `write` takes (outputs, h, w) of adjoining windows and is called in a second one. Neither batch nor tile size
    changes the answer. Where `read` returns None the network is not asked, and the answer is NaN. Raises `Cancelled`
    within one batch, `ResourceError` where even the smallest tile is too large.
    """
    runner = _Runner(network, Plan(shape, network.halo, network.multiple_of), options, progress)
    tiles = runner.plan.tiles(options.tile_size)
    total, done = shape[0] * shape[1], 0
    progress.update(0.0, "predicting")

    def load(tile: Tile) -> npt.NDArray[np.float32]:
        planes = read_reflected(read, tile.reach, shape)
        return _NOTHING if planes is None else planes

    with read_ahead(load, tiles) as loaded, written_behind(write) as put:
        for batch in _batches(_reporting(loaded), runner.batch_of):
            for tile, answer in runner.run(batch):
                put(tile.interior, answer)
                done += tile.interior.pixels
            progress.update(done / total, "predicting")


def _reporting(loaded: Iterator[Loaded]) -> Iterator[Loaded]:
    """The same tiles; memory that ran out while reading becomes an error with a remedy."""
    try:
        yield from loaded
    except MemoryError as error:
        message = "memory does not suffice to read a tile. Close other programs, or set a smaller TILE_SIZE."
        raise ResourceError(message) from error


def _batches(loaded: Iterator[Loaded], most: Callable[[Tile], int]) -> Iterator[list[Loaded]]:
    """Neighbouring tiles whose arrays have the same shape, together."""
    batch: list[Loaded] = []
    for tile, planes in loaded:
        if batch and (planes.shape != batch[0][1].shape or len(batch) >= most(tile)):
            yield batch
            batch = []
        batch.append((tile, planes))
        if len(batch) >= most(tile):
            yield batch
            batch = []
    if batch:
        yield batch


class _Runner:
    """The network on its device, with what it learnt about how much fits into memory."""

    def __init__(self, network: Network, plan: Plan, options: Options, progress: Progress) -> None:
        self.plan, self._options, self._progress = plan, options, progress
        self._device = options.device.torch
        self._network = network
        self._most_pixels = 0  # of the reaches of a batch; 0 until memory ran out
        if isinstance(network, nn.Module):  # of channels-last weights follow channels-last activations
            layout = torch.channels_last if options.channels_last else torch.contiguous_format
            network.to(device=self._device, memory_format=layout)  # type: ignore[call-overload]

    def batch_of(self, tile: Tile) -> int:
        """How many tiles like this go together."""
        wanted = self._options.batch or max(1, _BATCH_PIXELS // tile.reach.pixels)
        if self._most_pixels:
            wanted = min(wanted, max(1, self._most_pixels // tile.reach.pixels))
        return wanted

    def run(self, batch: list[Loaded]) -> Iterator[Answered]:
        """Each tile with its answer; where memory runs out, fewer tiles at a time, then smaller ones."""
        if batch[0][1] is _NOTHING:
            yield from ((tile, self._unknown(tile)) for tile, _ in batch)
            return
        pixels = sum(tile.reach.pixels for tile, _ in batch)
        parts = self._parts(batch) if self._most_pixels and pixels > self._most_pixels else []
        if not parts:
            try:
                yield from self._answers(batch)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                self._remember(pixels, error)
                parts = self._parts(batch)
                if not parts:
                    raise self._no_memory(batch[0][0]) from error
        for part in parts:
            yield from self.run(part)

    def _answers(self, batch: list[Loaded]) -> list[Answered]:
        planes = batch[0][1][np.newaxis] if len(batch) == 1 else np.stack([planes for _, planes in batch])
        sides = self._spare(batch[0][0]) if len(batch) == 1 else (0, 0, 0, 0)
        answers = self._forward(planes, sides)
        found = []
        for (tile, _), answer in zip(batch, answers, strict=True):
            rows, columns = (
                slice(part.start - side, part.stop - side)
                for part, side in zip(tile.crop, (sides[0], sides[2]), strict=True)
            )
            found.append((tile, answer[:, rows, columns]))
        return found

    def _spare(self, tile: Tile) -> Sides:
        """What the network may drop on the way at each side of a tile: nothing at the raster's edge."""
        if not isinstance(self._network, Trimming):
            return 0, 0, 0, 0
        halo, spare, (rows, columns) = self._network.halo, self._network.spare, tile.crop
        around = (rows.start, tile.reach.height - rows.stop, columns.start, tile.reach.width - columns.stop)
        top, bottom, left, right = (spare if margin >= halo else 0 for margin in around)
        return top, bottom, left, right

    def _parts(self, batch: list[Loaded]) -> list[list[Loaded]]:
        """The same work in smaller pieces; none where it cannot be made smaller."""
        if len(batch) > 1:
            middle = len(batch) // 2
            return [batch[:middle], batch[middle:]]
        tile, planes = batch[0]
        parts = self.plan.split(tile)
        if max(part.reach.pixels for part in parts) == tile.reach.pixels:
            return []
        return [[(part, planes[:, *Tile(part.reach, tile.reach).crop])] for part in parts]

    def _unknown(self, tile: Tile) -> npt.NDArray[np.float32]:
        return np.full((self._network.outputs, tile.interior.height, tile.interior.width), np.nan, np.float32)

    def _no_memory(self, tile: Tile) -> ResourceError:
        return ResourceError(
            f"memory does not suffice for even a tile of {tile.reach.height} x {tile.reach.width} pixels on "
            f"{self._options.device.label}. Close other programs, or set DEVICE to cpu."
        )

    def _remember(self, pixels: int, error: BaseException) -> None:
        """Ask for less from now on, and give back what can be given back."""
        self._most_pixels = max(1, pixels // 2)
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        reason = (str(error).splitlines() or ["no more is said"])[0][:120]
        self._progress.warn(f"memory ran out ({reason}); going on with half as much at a time")

    def _forward(self, planes: npt.NDArray[np.float32], sides: Sides) -> npt.NDArray[np.float32]:
        """(n, channels, h, w) to (n, outputs, h, w), less `sides`."""
        tensor = torch.from_numpy(planes).to(self._device)
        with (
            torch.inference_mode(),
            torch.autocast(self._device.type, torch.bfloat16, enabled=self._options.device.bf16),
        ):
            network = self._network
            answer = network.trimmed(tensor, sides) if any(sides) and isinstance(network, Trimming) else network(tensor)
        result: npt.NDArray[Any] = answer.float().contiguous().cpu().numpy()
        return result


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return any(words in text for words in _OUT_OF_MEMORY)
