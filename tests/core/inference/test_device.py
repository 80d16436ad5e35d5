"""Choosing a device: what was chosen is logged, and falling back is a warning."""

import pytest
import torch
from fringelens.core.errors import InputError
from fringelens.core.inference import device as module
from fringelens.core.inference.allocator import keep_memory
from fringelens.core.inference.device import choose_device
from fringelens.core.progress import Silent
from recording import Log


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """No settings of the machine, and the threads put back afterwards."""
    monkeypatch.delenv(module.THREADS, raising=False)
    monkeypatch.delenv(module.PRECISION, raising=False)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_auto_takes_the_processor_where_there_is_no_gpu_and_does_not_warn(without_gpu):
    log = Log()
    assert choose_device("auto", log).name == "cpu"
    assert "running on cpu" in log.lines[0]
    assert not log.warnings


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_what_was_asked_for_and_is_not_there_is_a_warning(without_gpu, name):
    log = Log()
    assert choose_device(name, log).name == "cpu"
    assert name in log.warnings[0]
    assert "slower" in log.warnings[0]


def test_a_gpu_that_fails_when_used_is_a_warning(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("CUDA driver version is insufficient\nmore lines")

    log = Log()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", broken)
    assert choose_device("auto", log).name == "cpu"
    assert "driver version is insufficient" in log.warnings[0]
    assert "\n" not in log.warnings[0]


def test_a_name_that_is_no_device_is_refused():
    with pytest.raises(InputError, match="auto, cpu, cuda, mps"):
        choose_device("gpu", Silent())


def test_threads_are_what_the_environment_says(monkeypatch):
    monkeypatch.setenv(module.THREADS, "1")
    choose_device("cpu", Silent())
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("text", ["0", "many", "-2", "1.5"])
def test_senseless_threads_are_ignored_with_a_warning(monkeypatch, text):
    before, log = torch.get_num_threads(), Log()
    monkeypatch.setenv(module.THREADS, text)
    choose_device("cpu", log)
    assert torch.get_num_threads() == before
    assert text in log.warnings[0]


@pytest.mark.parametrize(("text", "expected"), [("float32", False), ("bfloat16", True)])
def test_precision_is_what_the_environment_says(monkeypatch, text, expected):
    monkeypatch.setenv(module.PRECISION, text)
    assert choose_device("cpu", Silent()).bf16 is expected


def test_bfloat16_is_for_processors_that_have_it_in_hardware(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True, "avx512_bf16": False})
    assert not choose_device("cpu", Silent()).bf16


def test_the_allocator_is_told_once_and_without_complaint():
    assert keep_memory() is keep_memory()
