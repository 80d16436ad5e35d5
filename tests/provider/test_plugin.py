"""The windows of the plugin, without a desktop around them."""

from __future__ import annotations

import configparser
import re
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def window(settings, monkeypatch, tmp_path):
    """The runtime window, whose script is one of the test's own."""
    from fringelens.plugin import installer, runtime_window

    script = tmp_path / "script.py"
    monkeypatch.setattr(installer, "SCRIPT", script)
    monkeypatch.setattr(installer, "base_python", lambda: sys.executable)
    made = runtime_window.RuntimeWindow()
    made.script = script
    yield made
    made.installer.stop()
    made.deleteLater()


def wait_for(window, qgis_application, seconds=60.0):
    deadline = time.monotonic() + seconds
    while window.installer.is_running or time.monotonic() < deadline - seconds + 0.2:
        qgis_application.processEvents()
        assert time.monotonic() < deadline


def test_installing_shows_the_log_and_says_that_it_is_ready(window, qgis_application):
    heard = []
    window.changed.connect(lambda: heard.append(True))
    window.script.write_text("print('step one', flush=True); print('step two')")
    window.install()
    assert window.cancel_button.isEnabled()
    assert not window.install_button.isEnabled()
    wait_for(window, qgis_application)
    text = window.log.toPlainText()
    assert text.index("step one") < text.index("step two") < text.index("It can be used.")
    assert heard
    assert window.install_button.isEnabled()


def test_the_choices_reach_the_script(window, qgis_application, tmp_path):
    window.script.write_text("import sys; print(sys.argv[1:])")
    window.build.setCurrentIndex(window.build.findData("cuda"))
    window.wheels.setFilePath(str(tmp_path))
    window.install()
    wait_for(window, qgis_application)
    assert f"'--torch', 'cuda', '--cancel-on-eof', '--wheels', '{tmp_path}'" in window.log.toPlainText()


def test_a_failed_installation_says_so(window, qgis_application):
    window.script.write_text("import sys; print('error: the network is down'); sys.exit(1)")
    window.install()
    wait_for(window, qgis_application)
    assert "the network is down\nThat did not succeed" in window.log.toPlainText()


def test_cancel_ends_the_script(window, qgis_application):
    window.script.write_text(
        "import sys; print('waiting', flush=True); sys.stdin.read(); print('heard'); sys.exit(130)"
    )
    window.install()
    while "waiting" not in window.log.toPlainText():
        qgis_application.processEvents()
    window.cancel()
    wait_for(window, qgis_application)
    assert "heard\nCancelled." in window.log.toPlainText()


def test_a_python_that_lacks_something_is_not_taken(window, qgis_application, monkeypatch, tmp_path):
    from fringelens.processing_provider import runtime

    (tmp_path / "__main__.py").write_text(
        "import json, sys\n"
        "problem = 'torch is missing; install it'\n"
        "print(json.dumps({'findings': [{'topic': 'packages', 'name': 'torch', 'value': '-', 'problem': problem}]}))\n"
        "sys.exit(1)"
    )
    monkeypatch.setattr(runtime, "ROOT", tmp_path)
    window.python.setFilePath(sys.executable)
    window.check()
    wait_for(window, qgis_application)
    assert "broken: torch is missing" in window.log.toPlainText()
    assert runtime.setting(runtime.PYTHON) == ""


def test_a_python_that_has_everything_is_taken(window, qgis_application, monkeypatch, tmp_path):
    from fringelens.processing_provider import runtime

    (tmp_path / "__main__.py").write_text(
        "import json\nprint(json.dumps({'findings': [{'topic': 'packages', 'name': 'torch', 'value': '2'}]}))"
    )
    monkeypatch.setattr(runtime, "ROOT", tmp_path)
    window.python.setFilePath(sys.executable)
    window.check()
    wait_for(window, qgis_application)
    assert runtime.setting(runtime.PYTHON) == sys.executable


@pytest.mark.parametrize(("code", "said"), [(0, "The weights can be used."), (4, "That did not succeed")])
def test_the_weights_button_hands_the_file_to_the_runtime_and_shows_what_it_says(
    window, qgis_application, monkeypatch, tmp_path, code, said
):
    from fringelens.plugin import runtime_window
    from fringelens.processing_provider import runtime

    (tmp_path / "__main__.py").write_text(f"import sys; print('asked:', *sys.argv[1:]); sys.exit({code})")
    monkeypatch.setattr(runtime, "ROOT", tmp_path)
    monkeypatch.setattr(runtime, "find_python", lambda: Path(sys.executable))
    monkeypatch.setattr(runtime_window.QFileDialog, "getOpenFileName", lambda *_: ("/some/weights.zip", ""))
    heard = []
    window.changed.connect(lambda: heard.append(True))
    window.weights_button.setEnabled(True)
    window.weights_button.click()
    assert not window.weights_button.isEnabled()
    wait_for(window, qgis_application)
    assert f"asked: weights /some/weights.zip\n{said}" in window.log.toPlainText()
    assert heard == ([True] if code == 0 else [])
    assert window.weights_button.isEnabled()


def test_no_file_chosen_starts_nothing(window, monkeypatch):
    from fringelens.plugin import runtime_window

    monkeypatch.setattr(runtime_window.QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    window.choose_weights()
    assert not window.installer.is_running
    assert not window.log.toPlainText()


def test_without_a_runtime_there_is_no_adding_of_weights(settings, monkeypatch):
    from fringelens.plugin import runtime_window
    from fringelens.processing_provider import runtime

    monkeypatch.setattr(runtime, "find_python", lambda: None)
    window = runtime_window.RuntimeWindow()
    assert not window.weights_button.isEnabled()
    window.deleteLater()


def test_settings_page_keeps_what_is_set(settings):
    from fringelens.plugin.settings_page import SettingsPage
    from fringelens.processing_provider import runtime

    page = SettingsPage(lambda: None)
    page.threads.setValue(1)
    page.device.setCurrentText("cpu")
    page.python.setFilePath("/some/python")
    page.apply()
    assert runtime.setting(runtime.THREADS) == "1"
    assert runtime.setting(runtime.DEVICE) == "cpu"
    assert str(runtime.find_python()) == "/some/python"
    assert runtime.environment()["FRINGELENS_THREADS"] == "1"
    page.threads.setValue(0)
    page.device.setCurrentText("auto")
    page.python.setFilePath("")
    page.apply()
    assert runtime.setting(runtime.THREADS) == runtime.setting(runtime.DEVICE) == runtime.setting(runtime.PYTHON) == ""


def test_the_named_python_comes_before_the_environment_and_the_managed_one(settings, monkeypatch, tmp_path):
    from fringelens.processing_provider import runtime

    monkeypatch.setattr(runtime, "ROOT", tmp_path / "plugin")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("FRINGELENS_PYTHON", raising=False)
    assert runtime.find_python() is None
    assert "not installed" in runtime.problem()
    managed = runtime.interpreter_in(runtime.managed_folder())
    managed.parent.mkdir(parents=True)
    managed.touch()
    assert runtime.find_python() is None  # half an installation
    (runtime.managed_folder() / "fringelens-runtime.json").touch()
    assert runtime.find_python() == managed
    monkeypatch.setenv("FRINGELENS_PYTHON", str(tmp_path / "other"))
    assert runtime.find_python() == tmp_path / "other"
    settings.setValue(runtime.PYTHON, str(tmp_path / "named"))
    assert runtime.find_python() == tmp_path / "named"
    assert "the setting names" in runtime.problem()


def test_metadata_has_what_the_plugin_site_asks_for(root):
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(root / "metadata.txt", encoding="utf-8")
    general = metadata["general"]
    for key in ("name", "description", "about", "author", "email", "tracker", "repository", "homepage", "tags"):
        assert general[key].strip(), key
    version = re.search(r'__version__ = "([\d.]+)"', (root / "__init__.py").read_text())[1]
    assert general["version"] == version
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert general["hasProcessingProvider"] == "yes"
    assert (general["qgisMinimumVersion"], general["qgisMaximumVersion"]) == ("3.22", "4.99")
    assert "External dependencies" in general["about"]
    assert "plugin" not in general["name"].lower()
    assert (root / general["icon"]).exists()


def test_enums_are_written_in_full_as_qt6_needs(root):
    short = re.compile(r"\bQt\.(Align|Checked|Unchecked|Window|User|Left|Right|Horiz|Vert)\w*\b(?!\.)|\.exec_\(")
    for folder in ("plugin", "processing_provider"):
        for path in (root / folder).rglob("*.py"):
            found = [m[0] for m in short.finditer(path.read_text()) if not m[0].startswith("Qt.WindowModality")]
            assert not found, (path.name, found)


def test_the_dock_of_the_series_opens_and_goes_with_the_plugin(settings, monkeypatch, qgis_application):
    from fringelens.plugin.plugin import FringeLensPlugin
    from fringelens.processing_provider import session
    from qgis.gui import QgsMapCanvas
    from qgis.PyQt.QtWidgets import QMainWindow

    class Desktop:
        def __init__(self):
            self.window, self.canvas = QMainWindow(), QgsMapCanvas()

        def __getattr__(self, name):  # menus and the like, which are QGIS's
            return lambda *_: None

        def mainWindow(self):
            return self.window

        def mapCanvas(self):
            return self.canvas

        def addDockWidget(self, area, dock):
            self.window.addDockWidget(area, dock)

        def removeDockWidget(self, dock):
            self.window.removeDockWidget(dock)

    def without_provider(_plugin):  # other tests may have registered theirs
        qgis_application.aboutToQuit.connect(session.stop)

    monkeypatch.setattr(FringeLensPlugin, "initProcessing", without_provider)
    desktop = Desktop()
    plugin = FringeLensPlugin(desktop)
    plugin.initGui()
    assert any(action.text() == "Displacement series" for action in plugin._actions)
    plugin.open_series()
    assert desktop.canvas.mapTool() is plugin._dock.picker
    plugin.open_series()
    plugin.unload()
    assert desktop.canvas.mapTool() is None
    assert plugin._dock is None
    desktop.window.deleteLater()
