"""A progress that remembers what it was told."""

from fringelens.core.progress import Silent


class Log(Silent):
    """Lines of the log, warnings, and how far the work was said to be (0..1)."""

    def __init__(self):
        self.lines, self.warnings, self.fractions = [], [], []

    def log(self, message):
        self.lines.append(message)

    def warn(self, message):
        self.warnings.append(message)

    def update(self, fraction, message=""):
        self.fractions.append(fraction)
