"""All rules; importing this registers them."""

from lantian.air.quality.rules import calibration, neighbours, runs, single, spikes

__all__ = ["calibration", "neighbours", "runs", "single", "spikes"]
