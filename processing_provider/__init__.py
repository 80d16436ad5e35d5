"""The tools in QGIS Processing; also without a desktop, in `qgis_process`."""
