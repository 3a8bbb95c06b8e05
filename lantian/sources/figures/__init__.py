"""The figures that the register gives for a place on a day."""

from lantian.sources.figures import boilers, duties, things
from lantian.sources.figures.base import RULES, Asked, Figure, ask

__all__ = ["RULES", "Asked", "Figure", "ask", "boilers", "duties", "things"]
