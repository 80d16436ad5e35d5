"""Speckle drawn look by look from circular Gaussians."""

import numpy as np


def speckle(rng, shape, coherence, looks=4):
    """Two intensities (rows, columns) of even ground whose coherence is a number or a map."""

    def normal():
        return (rng.normal(size=(looks, *shape)) + 1j * rng.normal(size=(looks, *shape))) / 2**0.5

    one = normal()
    two = coherence * one + np.sqrt(1 - np.square(coherence)) * normal()
    return [(np.abs(image) ** 2).mean(0).astype(np.float32) for image in (one, two)]
