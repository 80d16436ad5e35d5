"""The science of FringeLens, without QGIS."""
