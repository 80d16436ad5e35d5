"""Build the runtime, a virtual environment with torch and rasterio; `./run setup` and the window in QGIS call this.

    python3 install_runtime.py --target DIR [--wheels DIR] [--torch auto|cpu|cuda] [--editable CHECKOUT] [--also LOCK]

Standard library alone, Python 3.9. A stamp is written last: an environment without one is half made and is built anew,
one whose stamp still fits is left alone at once. Exit codes: 0 done, 1 failed (the last line says why), 130 cancelled.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess  # nosec B404
import sys
import threading
from pathlib import Path
from typing import Dict, List, NoReturn, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
TORCH = ROOT / "requirements-torch.txt"
STAMP = "fringelens-runtime.json"

OLDEST = (3, 11)  # what the packages of the lock file need
BROUGHT = "3.12"  # what uv fetches where the machine has nothing new enough
MODULES = ("torch", "numpy", "scipy", "skimage", "rasterio", "safetensors", "pyogrio", "whirlwind")
GIGABYTES = {"cpu": 2.5, "cuda": 10.0}  # free disk space that the environment and its downloads need

# What QGIS or the shell may have set that would lead the new interpreter astray.
STRAY = (
    *("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"),
    *("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"),
)


class InstallError(Exception):
    """The environment could not be made; the message says why and what to do."""


def fail(message: str) -> NoReturn:
    """Give up, with what the user is to read."""
    raise InstallError(message)


def say(message: str) -> None:
    """Print one line of the log now."""
    print(message, flush=True)


def environment() -> Dict[str, str]:
    """The environment for the programs that are started."""
    return {key: value for key, value in os.environ.items() if key not in STRAY}


class Runner:
    """Starts one program at a time, and ends it when this process is told to stop."""

    def __init__(self) -> None:
        self.child: Optional[subprocess.Popen] = None

    def run(self, *command: object, quiet: bool = False) -> str:
        """Run a program to its end and return its output, logged unless `quiet`; InstallError where it fails."""
        words = [str(word) for word in command]
        if not quiet:
            say("$ " + " ".join(words))
        lines: List[str] = []
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            self.child = subprocess.Popen(  # nosec B603
                words,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
                creationflags=flags,
                universal_newlines=True,
                errors="replace",
            )
        except OSError as error:
            message = f"{words[0]} could not be started: {error}"
            raise InstallError(message) from error
        with self.child:
            for line in self.child.stdout or ():
                lines.append(line)
                if not quiet:
                    say("  " + line.rstrip())
        if self.child.returncode != 0:
            fail(f"{Path(words[0]).name} failed with status {self.child.returncode}; its lines above say why")
        return "".join(lines)

    def stop(self, *_: object) -> NoReturn:
        """End the program that runs, and this process with it; what is half made has no stamp."""
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
        say("cancelled; the environment is not usable until the installation is run again")
        os._exit(130)


def python_of(target: Path) -> Path:
    """The interpreter of a virtual environment."""
    return target / "Scripts" / "python.exe" if os.name == "nt" else target / "bin" / "python"


def has_nvidia_gpu() -> bool:
    """Whether an NVIDIA driver answers."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        return "GPU 0" in Runner().run(program, "-L", quiet=True)
    except InstallError:
        return False


def fingerprint(target: Path, options: argparse.Namespace) -> Dict[str, str]:
    """What the stamp must say for the environment to be the one that is asked for; moving it breaks it."""
    digest = hashlib.sha256()
    for path in (LOCK, TORCH, *options.also):
        if not path.is_file():
            fail(f"{path} is missing; this copy of FringeLens is incomplete, install it again")
        digest.update(path.read_bytes())
    return {
        "requirements": digest.hexdigest(),
        "target": str(target),
        "torch": options.torch,
        "editable": str(options.editable or ""),
    }


def read_stamp(target: Path) -> Optional[Dict[str, str]]:
    """The stamp of a finished environment whose interpreter still starts, else None."""
    try:
        stamp = json.loads((target / STAMP).read_text(encoding="utf-8"))
        Runner().run(python_of(target), "-c", "pass", quiet=True)
    except (OSError, ValueError, InstallError):
        return None
    return stamp if isinstance(stamp, dict) and stamp.get("target") == str(target) else None


def clear(target: Path) -> None:
    """Remove an unfinished or broken environment; refuse a folder that is something else."""
    if not target.exists():
        return
    if any(target.iterdir()) and not (target / "pyvenv.cfg").exists():
        fail(f"{target} is not empty and not a virtual environment; name another folder")
    say(f"removing the unfinished environment in {target}")
    shutil.rmtree(target)


def check_space(target: Path, torch: str) -> None:
    """Refuse to start where the disk is too full to finish."""
    folder = next(p for p in (target, *target.parents) if p.exists())
    free = shutil.disk_usage(folder).free / 1e9
    if free < GIGABYTES[torch]:
        needed = f"the runtime needs {GIGABYTES[torch]} GB"
        fail(f"{folder} has {free:.1f} GB free; {needed}. Make room or name another folder")


def find_uv(runner: Runner, target: Path) -> str:
    """The program uv: the one installed, else one that pip puts into a small environment beside the target."""
    found = shutil.which("uv")
    beside = target.parent / f".{target.name}-uv"
    if found is None:
        home = Path.home()
        places = [home / ".local" / "bin" / "uv", home / ".cargo" / "bin" / "uv", python_of(beside).with_name("uv")]
        found = next((str(p) for p in places if p.exists()), None)
    if found is None:
        say("uv is not installed; fetching it with pip")
        runner.run(sys.executable, "-m", "venv", beside)
        runner.run(python_of(beside), "-m", "pip", "install", "--progress-bar", "off", "uv")
        found = str(python_of(beside).with_name("uv"))
    return found


def make_environment(runner: Runner, target: Path, options: argparse.Namespace) -> None:
    """An empty virtual environment with pip, from this interpreter where it is new enough, else through uv."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if sys.version_info >= OLDEST:
        try:
            runner.run(sys.executable, "-m", "venv", target)
        except InstallError:
            if shutil.which("uv") is None:
                fail("this Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv")
            shutil.rmtree(target, ignore_errors=True)
        else:
            return
    oldest = f"Python {OLDEST[0]}.{OLDEST[1]} or newer"
    say(f"this is Python {platform.python_version()}; the runtime needs {oldest}, so uv brings one")
    if options.wheels and shutil.which("uv") is None:
        fail(f"offline, {oldest} must be installed first; then start this with it")
    runner.run(find_uv(runner, target), "venv", "--seed", "--python", BROUGHT, target)


def pip(runner: Runner, target: Path, options: argparse.Namespace, *words: object) -> None:
    """Install with the environment's own pip, from the folder of wheels alone where one is given."""
    offline: Sequence[object] = ("--no-index", "--find-links", options.wheels) if options.wheels else ()
    runner.run(python_of(target), "-m", "pip", "install", "--progress-bar", "off", "--no-input", *offline, *words)


def pip_brings_cuda(runner: Runner, target: Path) -> bool:
    """Whether pip, as it is configured here, would choose a torch that needs NVIDIA's packages."""
    words = ["-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--ignore-installed", "--report", "-", "-r"]
    report = json.loads(runner.run(python_of(target), *words, TORCH, quiet=True))
    needs = [need for item in report["install"] for need in item["metadata"].get("requires_dist", [])]
    names = [need.lower() for need in needs if "extra ==" not in need]
    return any(name.startswith(("nvidia-", "cuda-")) for name in names)


def install_torch(runner: Runner, target: Path, options: argparse.Namespace, kind: str) -> None:
    """The build of torch for this machine; it goes first, because the lock file leaves it out."""
    alone = ("--no-deps",) if kind == "cpu" else ()  # the CUDA build needs NVIDIA's packages beside it
    if options.wheels or (kind == "cpu" and not pip_brings_cuda(runner, target)):
        pip(runner, target, options, *alone, "-r", TORCH)
        return
    backend = "cpu" if kind == "cpu" else "auto"  # auto asks the driver which CUDA it knows
    try:
        uv = find_uv(runner, target)
        into = ("--python", python_of(target))
        runner.run(uv, "pip", "install", *into, f"--torch-backend={backend}", *alone, "-r", TORCH)
    except InstallError:
        if options.torch == "cpu":
            raise
        say("WARNING: no torch made for this machine could be had; taking the one that pip chooses (it may be large)")
        pip(runner, target, options, "-r", TORCH)


def verify(runner: Runner, target: Path) -> None:
    """Import what was installed: an installer that only says it succeeded is worth nothing."""
    code = f"import {', '.join(MODULES)}; print('torch', torch.__version__, 'CUDA', torch.cuda.is_available())"
    say("checking that everything can be imported")
    runner.run(python_of(target), "-c", code)


def install(runner: Runner, options: argparse.Namespace) -> None:
    """Bring the environment to what the lock file says; nothing to do is the usual case."""
    target = options.target.absolute()
    wanted, stamp = fingerprint(target, options), read_stamp(target)
    if stamp is not None and {key: stamp.get(key) for key in wanted} == wanted:
        say(f"the runtime in {target} is complete (Python {stamp.get('python')}, torch for {stamp.get('kind')})")
        return
    kind = options.torch if options.torch != "auto" else ("cuda" if has_nvidia_gpu() else "cpu")
    say(f"building the runtime in {target}, torch for {kind}")
    if stamp is None:
        clear(target)
        check_space(target, kind)
        make_environment(runner, target, options)
    else:
        (target / STAMP).unlink()
    install_torch(runner, target, options, kind)
    pip(runner, target, options, "--no-deps", "--require-hashes", "-r", LOCK)
    for path in options.also:
        pip(runner, target, options, "--no-deps", "--require-hashes", "-r", path)
    if options.editable:
        pip(runner, target, options, "--no-deps", "--no-build-isolation", "--editable", options.editable)
    verify(runner, target)
    asking = "import platform; print(platform.python_version())"
    version = runner.run(python_of(target), "-c", asking, quiet=True)
    record = {**wanted, "kind": kind, "python": version.strip()}
    (target / STAMP).write_text(json.dumps(record, indent=1), encoding="utf-8")
    say(f"the runtime in {target} is ready")


def parse(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build the runtime of FringeLens, a virtual environment.")
    parser.add_argument("--target", type=Path, required=True, help="folder of the environment")
    parser.add_argument("--wheels", type=Path, help="install offline, from this folder of wheels")
    parser.add_argument("--torch", choices=("auto", "cpu", "cuda"), default="auto", help="build of torch")
    parser.add_argument("--editable", type=Path, help="also install this checkout, so that its command line is there")
    parser.add_argument("--also", type=Path, action="append", default=[], help="a further lock file")
    parser.add_argument("--cancel-on-eof", action="store_true", help="stop when standard input ends")
    return parser.parse_args(arguments)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Build the environment; 0 when it is whole."""
    options, runner = parse(arguments), Runner()
    signal.signal(signal.SIGTERM, runner.stop)
    signal.signal(signal.SIGINT, runner.stop)
    if options.cancel_on_eof:
        threading.Thread(target=lambda: (sys.stdin.read(), runner.stop()), daemon=True).start()
    try:
        install(runner, options)
    except (InstallError, OSError) as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
