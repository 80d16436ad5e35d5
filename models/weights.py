"""Weights in and out of files: safetensors alone, and nothing of a file is believed before it is checked."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import torch
from safetensors.torch import load as parse
from safetensors.torch import save as serialise
from torch import Tensor, nn

HEADER_LIMIT = 1 << 20  # bytes; a network of ours needs some thousands
SIZE_LIMIT = 1 << 28  # bytes; far above any network here, far below what a forged file may claim
DTYPES = {"F16": 2, "F32": 4}  # what weights may be stored as, with the bytes of each
PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")
PICKLE_MAGIC = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # zip of torch.save, bare pickles
METADATA = "__metadata__"
COUNTER = "num_batches_tracked"  # of batch normalisation; not needed to predict or to train on
COPY_AGAIN = "Copy the file again, or leave MODEL empty to use the weights that came along."


class BadWeights(ValueError):
    """A weights file is missing, damaged, of another kind, or belongs to another network."""


class Stored(NamedTuple):
    """What a weights file holds."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    sha256: str


def wanted(network: nn.Module) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors that a weights file for this network has to hold."""
    return {name: tuple(t.shape) for name, t in network.state_dict().items() if not name.endswith(COUNTER)}


def read_weights(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Stored:
    """Tensors of a file as float32, once its header names exactly `shapes`; BadWeights says what is wrong otherwise."""
    header, start = read_header(path)
    metadata = header.pop(METADATA, {})
    _check_names(path, set(header), set(shapes))
    end = _check_extents(path, header, shapes)
    if start + end != path.stat().st_size:
        _fail(path, f"it has {path.stat().st_size} bytes where its header needs {start + end}")
    content = path.read_bytes()
    tensors = {name: tensor.float() for name, tensor in parse(content).items()}
    broken = [name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]
    if broken:
        _fail(path, f"tensor {broken[0]} holds values that are not finite")
    return Stored(tensors, metadata, hashlib.sha256(content).hexdigest())


def write_weights(path: Path, network: nn.Module, metadata: Mapping[str, str]) -> str:
    """Write a network in half precision, whole or not at all; returns the file's SHA-256."""
    state = network.state_dict()
    tensors = {name: state[name].detach().cpu().half().contiguous() for name in wanted(network)}
    content = serialise(tensors, metadata=dict(metadata))
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
    return hashlib.sha256(content).hexdigest()


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    """Header of a safetensors file and where its data starts; BadWeights where the file cannot be one."""
    if not path.is_file():
        _fail(path, "there is no such weights file", "Check the path, or leave MODEL empty.")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        _refuse_pickles(path, start)
        if len(start) < 8 or size > SIZE_LIMIT:
            _fail(path, f"{size} bytes is no size for a weights file")
        length = int(struct.unpack("<Q", start)[0])
        if not 2 <= length <= min(HEADER_LIMIT, size - 8):
            _fail(path, f"its header claims {length} of {size} bytes, so it is cut short or no safetensors file")
        raw = file.read(length)
    try:
        header = json.loads(raw)
    except ValueError:
        _fail(path, "its header cannot be read")
    if not isinstance(header, dict) or not isinstance(header.get(METADATA, {}), dict):
        _fail(path, "its header is not a table of tensors")
    return header, 8 + length


def _fail(path: Path, what: str, remedy: str = COPY_AGAIN) -> NoReturn:
    msg = f"{path}: {what}. {remedy}"
    raise BadWeights(msg)


def _refuse_pickles(path: Path, start: bytes) -> None:
    remedy = "Such files can run code when they are opened; FringeLens reads .safetensors only."
    if path.suffix.lower() in PICKLE_SUFFIXES:
        _fail(path, f"weights in a {path.suffix} file are not read", remedy)
    if start.startswith(PICKLE_MAGIC):
        _fail(path, "this is a pickled (torch.save) file, whatever its name says", remedy)


def _check_names(path: Path, found: set[str], needed: set[str]) -> None:
    if found == needed:
        return
    missing, foreign = sorted(needed - found), sorted(found - needed)
    named = f"lacks {missing[0]}" if missing else f"holds {foreign[0]}, which the network does not have"
    counts = f"{len(missing)} tensors missing, {len(foreign)} unknown"
    _fail(path, f"it {named} ({counts})", "It belongs to another network.")


def _check_extents(path: Path, header: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Compare type, shape and extent of every tensor with what the network needs; returns where the data ends."""
    extents = []
    for name, shape in shapes.items():
        entry = header[name]
        if not isinstance(entry, dict) or entry.get("dtype") not in DTYPES:
            _fail(path, f"tensor {name} is neither half nor single precision")
        if entry.get("shape") != list(shape):
            had = f"tensor {name} has shape {entry.get('shape')} where the network needs {list(shape)}"
            _fail(path, had, "It belongs to another network or configuration.")
        first, last = _offsets(path, name, entry)
        if last - first != math.prod(shape) * DTYPES[entry["dtype"]]:
            _fail(path, f"tensor {name} spans {last - first} bytes, which is not its size")
        extents.append((first, last))
    end = 0
    for first, last in sorted(extents):
        if first != end:
            _fail(path, "its tensors overlap or leave holes")
        end = last
    return end


def _offsets(path: Path, name: str, entry: Mapping[str, Any]) -> tuple[int, int]:
    offsets = entry.get("data_offsets")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(isinstance(o, int) and o >= 0 for o in offsets):
        _fail(path, f"tensor {name} has no place in the file")
    return offsets[0], offsets[1]
