"""Weights files that are damaged, of another network, or pickles: refused before anything of them is used."""

import json
import struct

import pytest


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (open, (str(self.marker), "w"))


@pytest.mark.parametrize("name", ["weights.pt", "weights.pth", "weights.safetensors"])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_refused_by_name_and_by_content_and_never_run(refused, good_phase, tmp_path, name, zipped):
    torch = pytest.importorskip("torch")
    marker = tmp_path / "the code ran"
    torch.save(Trap(marker), tmp_path / name, _use_new_zipfile_serialization=zipped)
    marker.unlink(missing_ok=True)
    refused("weights", name, ".safetensors", INPUT=good_phase, MODEL=tmp_path / name)
    assert not marker.exists()


def test_a_missing_file(refused, good_phase, tmp_path):
    refused(
        "input", "MODEL", "nowhere.safetensors", "no file", INPUT=good_phase, MODEL=tmp_path / "nowhere.safetensors"
    )


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_truncated_file(refused, good_phase, random_weights, tmp_path, share):
    data = random_weights.read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(data[: int(len(data) * share)])
    kind = "input" if share == 0 else "weights"
    refused(kind, "cut.safetensors", "again", INPUT=good_phase, MODEL=tmp_path / "cut.safetensors")


def changed(random_weights, path, change):
    """The weights file with its header changed by a function."""
    data = random_weights.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])
    return path


def first(header):
    return next(name for name in header if name != "__metadata__")


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h["__metadata__"].update(network="another"),
        lambda h: h["__metadata__"].update(config="os.system"),
        lambda h: h.pop(first(h)),
        lambda h: h.update(extra={"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}),
        lambda h: h[first(h)].update(shape=[1, 1]),
        lambda h: h[first(h)].update(data_offsets=[0, 1 << 60]),
        lambda h: h[first(h)].update(data_offsets=[-4, 0]),
        lambda h: h[first(h)].update(dtype="I64"),
        lambda h: h.pop("__metadata__"),
    ],
    ids=["network", "config", "missing", "extra", "shape", "beyond", "negative", "dtype", "anonymous"],
)
def test_a_header_that_does_not_fit(refused, good_phase, random_weights, tmp_path, change):
    path = changed(random_weights, tmp_path / "odd.safetensors", change)
    refused("weights", "odd.safetensors", INPUT=good_phase, MODEL=path)


def test_an_absurd_header_is_refused_without_being_read(refused, good_phase, tmp_path):
    (tmp_path / "bomb.safetensors").write_bytes(struct.pack("<Q", 1 << 50) + b"{}" * 1000)
    refused("weights", "bomb.safetensors", INPUT=good_phase, MODEL=tmp_path / "bomb.safetensors")


def test_weights_that_are_not_finite(refused, good_phase, random_weights, tmp_path):
    data = bytearray(random_weights.read_bytes())
    data[-2:] = b"\x00\x7e"  # a NaN in half precision
    (tmp_path / "nan.safetensors").write_bytes(data)
    refused("weights", "nan.safetensors", INPUT=good_phase, MODEL=tmp_path / "nan.safetensors")
