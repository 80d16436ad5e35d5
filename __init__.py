"""FringeLens: deep learning for radar interferograms, in QGIS and on the command line."""

__version__ = "0.1.0"


def classFactory(iface):  # noqa: N802 - the name QGIS looks for
    """Build the plugin for QGIS; nothing of QGIS is imported before this is called."""
    from .plugin.plugin import FringeLensPlugin

    return FringeLensPlugin(iface)
