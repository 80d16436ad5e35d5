"""What the stacks of interferograms of a simulated trough, that displacementseries is tested with, are made of."""

import math
from datetime import date, timedelta

import numpy as np

SHAPE = (64, 80)
DAYS = [date(2020, 1, 1) + timedelta(24 * i) for i in range(8)]
PAIRS = [(i, j) for i in range(8) for j in range(i + 1, min(8, i + 3))]
YEARS = np.array([(day - DAYS[0]).days / 365.25 for day in DAYS])
RADIAN = 60 / (4 * math.pi)  # mm of one, at a wavelength of 6 cm
DOWN, ACROSS = np.mgrid[: SHAPE[0], : SHAPE[1]]
RATE = -90 * np.exp(-((DOWN - 30) ** 2 + (ACROSS - 30) ** 2) / 98.0)  # mm per year
