"""Looks at a release archive as plugins.qgis.org does: one folder, no binaries, nothing for Bandit or detect-secrets.

python tests/rules/scan_archive.py fringelens-0.1.0.zip
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FOLDER = "fringelens"
MUST_HAVE = (
    "__init__.py", "__main__.py", "metadata.txt", "LICENSE", "README.md", "requirements.lock", "requirements-torch.txt",
    "core/catalog/__init__.py", "plugin/install_runtime.py", "processing_provider/provider.py",
)  # fmt: skip
MUST_NOT_HAVE = ("tests/", ".ci/", "__pycache__")
BINARIES = {".so", ".dll", ".exe", ".dylib", ".sh", ".bat", ".ps1", ".cmd", ".pyc", ".pt", ".pth", ".pkl"}


def check_names(names: list[str]) -> list[str]:
    """What is wrong with the list of files, in sentences."""
    problems = [f"{name} is outside {FOLDER}/" for name in names if not name.startswith(FOLDER + "/")]
    inside = [name[len(FOLDER) + 1 :] for name in names]
    problems += [f"{name} is missing" for name in MUST_HAVE if name not in inside]
    problems += [f"{name} does not belong in a release" for name in inside if any(p in name for p in MUST_NOT_HAVE)]
    problems += [f"{name} is a kind of file that is refused" for name in inside if Path(name).suffix in BINARIES]
    return problems


def scan(folder: Path) -> list[str]:
    """What Bandit and detect-secrets say about the unpacked plugin, each with the settings that it carries."""
    tools = Path(sys.executable).parent
    files = [str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()]
    commands = {
        "Bandit": [tools / "bandit", "--quiet", "--recursive", "--ini", ".bandit", "."],
        "detect-secrets": [tools / "detect-secrets-hook", "--baseline", ".secrets.baseline", *files],
    }
    problems = []
    for name, command in commands.items():
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            problems.append(f"{name}:\n{done.stdout}{done.stderr}")
    return problems


def main(paths: list[str]) -> int:
    """Check each archive; 1 if any has a problem."""
    failed = False
    for path in paths:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            archive.extractall(folder)
            problems = check_names(names) + scan(Path(folder) / FOLDER)
        failed = failed or bool(problems)
        for problem in problems:
            sys.stderr.write(f"{path}: {problem}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
