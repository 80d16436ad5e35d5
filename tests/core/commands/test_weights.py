"""`fringelens weights`: what fits its card is installed, and anything else leaves the installation as it was."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from fringelens.core.commands import cli, weights

MAIN = Path(__file__).resolve().parents[3] / "__main__.py"
CONTENTS = {"one": b"first network" * 200_000, "two": b"second network"}  # more than a chunk, and less
MEMBERS = {f"models/{name}/weights.safetensors": content for name, content in CONTENTS.items()}


@pytest.fixture
def models(tmp_path, monkeypatch):
    """An installation without weights: cards alone."""
    folder = tmp_path / "models"
    for name, content in CONTENTS.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "card.json").write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest()}))
    monkeypatch.setattr(weights, "MODELS", folder)
    return folder


@pytest.fixture
def pack(tmp_path):
    """Make a zip of these members."""

    def make(members, method=zipfile.ZIP_DEFLATED) -> Path:
        file = tmp_path / "weights.zip"
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return file

    return make


def installed(models: Path) -> dict[str, bytes]:
    """Every file of the installation besides the cards."""
    files = [p for p in models.parent.rglob("*") if p.is_file() and p.suffix != ".zip" and p.name != "card.json"]
    return {str(p.relative_to(models.parent)): p.read_bytes() for p in files}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_weights_that_fit_their_cards_are_installed_and_named(models, pack, capsys, method):
    (models / "two" / "weights.safetensors").write_bytes(b"an older one")
    (models / "two" / "weights.safetensors.part").write_bytes(b"of a run that was killed")
    file = pack({"models/": b"", "models/one/": b"", **MEMBERS}, method)
    assert cli.main(["weights", str(file)]) == 0
    assert installed(models) == MEMBERS
    text = capsys.readouterr().out
    assert all(f"installed: {name}, {hashlib.sha256(CONTENTS[name]).hexdigest()[:12]}" in text for name in CONTENTS)


def test_one_hash_that_differs_installs_nothing_and_names_network_and_version(models, pack, capsys):
    (models / "one" / "weights.safetensors").write_bytes(b"an older one")
    file = pack({**MEMBERS, "models/two/weights.safetensors": b"of another version"})
    assert cli.main(["weights", str(file)]) == 4
    assert installed(models) == {"models/one/weights.safetensors": b"an older one"}
    text = capsys.readouterr().err
    assert "two has SHA-256" in text
    assert "one has" not in text
    assert f"does not match FringeLens {weights.__version__}" in text
    assert "Nothing was installed" in text


@pytest.mark.parametrize(
    "name",
    [
        "../weights.safetensors",
        "models/../one/weights.safetensors",
        "models/one/../../weights.safetensors",
        "/models/one/weights.safetensors",
        "fringelens/models/one/weights.safetensors",
        "models/one/network.py",
        "models/one/card.json",
        "models/one/weights.safetensors\n",
        "../",
    ],
)
def test_a_member_of_any_other_name_refuses_the_whole_file(models, pack, capsys, name):
    assert cli.main(["weights", str(pack({**MEMBERS, name: b"x"}))]) == 4
    assert installed(models) == {}
    assert "does not belong in a weights file" in capsys.readouterr().err


def test_the_same_network_twice_is_refused(models, pack):
    file = pack(MEMBERS)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("models/one/weights.safetensors", b"another")
    assert cli.main(["weights", str(file)]) == 4
    assert installed(models) == {}


def test_sizes_beyond_the_limit_are_refused_before_unpacking(models, pack, capsys, monkeypatch):
    monkeypatch.setattr(weights, "SIZE_LIMIT", len(CONTENTS["one"]) - 1)
    file = pack(MEMBERS)
    assert cli.main(["weights", str(file)]) == 4
    assert "models/one/weights.safetensors is larger than" in capsys.readouterr().err
    monkeypatch.setattr(weights, "FILE_LIMIT", file.stat().st_size - 1)
    assert cli.main(["weights", str(file)]) == 4
    assert f"{file}: is larger than" in capsys.readouterr().err
    assert installed(models) == {}


def test_a_member_that_holds_more_than_it_declares_is_not_unpacked_further(models, pack):
    file = pack(MEMBERS, zipfile.ZIP_STORED)
    size = len(CONTENTS["one"]).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(size, (100).to_bytes(4, "little")))
    assert cli.main(["weights", str(file)]) == 4
    assert installed(models) == {}


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 nor this"])
def test_what_is_no_zip_is_told(models, tmp_path, capsys, content):
    file = tmp_path / "weights.zip"
    file.write_bytes(content)
    assert cli.main(["weights", str(file)]) == 4
    assert "is no zip file, or is damaged" in capsys.readouterr().err
    assert installed(models) == {}


@pytest.mark.parametrize("place", range(40, 3000, 97))
def test_a_flipped_byte_anywhere_installs_all_or_nothing(models, pack, place):
    file = pack(MEMBERS)
    content = bytearray(file.read_bytes())
    content[place % len(content)] ^= 0xFF
    file.write_bytes(content)
    code = cli.main(["weights", str(file)])
    assert (code, installed(models)) in [(4, {}), (0, MEMBERS)]  # a date may differ


def test_a_file_that_is_not_there_is_an_error_of_the_input(models, tmp_path, capsys):
    assert cli.main(["weights", str(tmp_path / "absent.zip")]) == 2
    assert cli.main(["weights", str(tmp_path)]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_networks_that_this_version_lacks_are_left_out_and_those_without_weights_named(models, pack, capsys):
    one = {"models/one/weights.safetensors": CONTENTS["one"]}
    assert cli.main(["weights", str(pack({**one, "models/three/weights.safetensors": b"x"}))]) == 0
    assert installed(models) == one
    text = capsys.readouterr().out
    assert "left out: three" in text
    assert "still without weights: two" in text
    assert cli.main(["weights", str(pack({"models/three/weights.safetensors": b"x"}))]) == 4
    assert "holds no weights for FringeLens" in capsys.readouterr().err


@pytest.mark.parametrize("card", ["{", "[]", "{}", '{"sha256": 7}'])
def test_a_card_that_cannot_be_read_installs_nothing(models, pack, capsys, card):
    (models / "two" / "card.json").write_text(card)
    assert cli.main(["weights", str(pack(MEMBERS))]) == 4
    assert "Install FringeLens again" in capsys.readouterr().err
    assert installed(models) == {}


def test_a_place_that_cannot_be_written_is_an_error_of_the_output(models, pack, capsys):
    (models / "two" / "weights.safetensors.part").mkdir()
    assert cli.main(["weights", str(pack(MEMBERS))]) == 3
    assert "cannot be written" in capsys.readouterr().err
    assert installed(models) == {}


def test_the_weights_file_of_the_release_fits_the_cards_of_its_commit(root, tmp_path):
    git = ["git", "-C", str(root), "archive", "--format=zip"]
    globs = [word for line in (root / "run").read_text().splitlines() if '"$weights" HEAD' in line
             for word in line.split("'") if word.startswith(":(glob)")]  # fmt: skip
    for file, paths in (("weights.zip", globs), ("cards.zip", [":(glob)models/*/card.json"])):
        subprocess.run([*git, "-o", str(tmp_path / file), "HEAD", "--", *paths], check=True, timeout=60)
    with zipfile.ZipFile(tmp_path / "cards.zip") as archive:
        archive.extractall(tmp_path)
    names = {card.parent.name for card in tmp_path.glob("models/*/card.json")}
    found, unknown = weights.install(tmp_path / "weights.zip", tmp_path / "models")
    assert set(found) == names
    assert "decorrelation" in names
    assert not unknown


def test_it_works_in_a_python_without_any_package(tmp_path):
    line = [sys.executable, "-S", str(MAIN), "weights", str(tmp_path / "absent.zip")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "there is no such file" in done.stderr
