"""Weights files: a round trip, and every way of being bad."""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from fringelens.models import registry
from fringelens.models.registry import Card, build, load
from fringelens.models.weights import BadWeights, read_weights, wanted, write_weights

METADATA = {"network": "decorrelation", "config": "default"}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A weights file of the mask network, random weights."""
    torch.manual_seed(1)
    path = tmp_path / "good.safetensors"
    write_weights(path, build("decorrelation"), METADATA)
    return path


def rewritten(path: Path, change: Callable[[dict], None], tail: bytes = b"") -> Path:
    """The same file with another header."""
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    change(header)
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + content[8 + length :] + tail)
    return path


def test_what_is_written_is_read_in_half_precision(good: Path) -> None:
    network, card = load("decorrelation", good)
    torch.manual_seed(1)
    fresh = build("decorrelation")
    assert card.config == "default"
    assert not network.training
    stored = read_weights(good, wanted(fresh)).tensors
    for name, tensor in fresh.state_dict().items():
        if name in stored:
            torch.testing.assert_close(stored[name], tensor, rtol=1e-3, atol=1e-3)


def test_the_file_is_smaller_than_what_may_be_shipped(good: Path) -> None:
    assert good.stat().st_size < 16 * 2**20


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match=r"nothing.safetensors: there is no such weights file"):
        load("decorrelation", tmp_path / "nothing.safetensors")


def test_weights_that_came_along_are_compared_with_their_card_before_they_are_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    folder = tmp_path / "decorrelation"
    folder.mkdir()
    Card("decorrelation", "default", "0" * 64).write(folder / "card.json")
    with pytest.raises(BadWeights, match=r"not in this copy of FringeLens.* MODEL"):
        load("decorrelation")
    (folder / "weights.safetensors").write_bytes(b"\x80\x04 whatever it is")
    with pytest.raises(BadWeights, match=r"its card says 000000000000\. Restore it from the release"):
        load("decorrelation")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".ckpt", ".bin"])
def test_pickles_are_refused_by_their_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(BadWeights, match="can run code"):
        load("decorrelation", path)


@pytest.mark.parametrize("write", [lambda p: torch.save({}, p), lambda p: p.write_bytes(pickle.dumps({"a": 1}))])
def test_pickles_are_refused_whatever_their_name(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / "weights.safetensors"
    write(path)
    with pytest.raises(BadWeights, match=r"pickled \(torch.save\)"):
        load("decorrelation", path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b"abc", "3 bytes"),
        (struct.pack("<Q", 1 << 60) + b"{}", "header claims"),
        (struct.pack("<Q", 500) + b"{}", "cut short"),
        (struct.pack("<Q", 4) + b"abcd", "cannot be read"),
        (struct.pack("<Q", 2) + b"[]", "not a table"),
    ],
)
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadWeights, match=words):
        load("decorrelation", path)


def test_a_truncated_file_is_refused(good: Path) -> None:
    good.write_bytes(good.read_bytes()[:-1000])
    with pytest.raises(BadWeights, match="where its header needs"):
        load("decorrelation", good)


def test_bytes_after_the_last_tensor_are_refused(good: Path) -> None:
    with pytest.raises(BadWeights, match="where its header needs"):
        load("decorrelation", rewritten(good, lambda header: None, b"more"))


def test_weights_of_another_network_are_refused(good: Path) -> None:
    with pytest.raises(BadWeights, match="network 'other', needed is 'decorrelation'"):
        load("decorrelation", rewritten(good, lambda header: header["__metadata__"].update(network="other")))


def test_weights_of_another_configuration_are_refused(good: Path) -> None:
    with pytest.raises(BadWeights, match="tensors missing"):
        load("decorrelation", rewritten(good, lambda header: header["__metadata__"].update(config="paper")))
    with pytest.raises(BadWeights, match="no configuration 'huge'"):
        load("decorrelation", rewritten(good, lambda header: header["__metadata__"].update(config="huge")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda entry: entry.update(dtype="I64"), "neither half nor single"),
        (lambda entry: entry.update(shape=[4, 32, 3, 4]), "shape"),
        (lambda entry: entry.update(data_offsets=[0, 2]), "spans 2 bytes"),
        (lambda entry: entry.update(data_offsets="all"), "no place"),
        (lambda entry: entry.update(data_offsets=[d + 2 for d in entry["data_offsets"]]), "overlap"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused(good: Path, change: Callable[[dict], None], words: str) -> None:
    with pytest.raises(BadWeights, match=words):
        load("decorrelation", rewritten(good, lambda header: change(header["head.weight"])))


def test_values_that_are_not_finite_are_refused(good: Path) -> None:
    network = build("decorrelation")
    with torch.no_grad():
        network.head.weight[0, 0, 0, 0] = float("nan")
    write_weights(good, network, METADATA)
    with pytest.raises(BadWeights, match=r"head.weight holds values that are not finite"):
        load("decorrelation", good)
