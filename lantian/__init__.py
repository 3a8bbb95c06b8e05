"""Lantian (蓝天): the command system of a Chinese city for its air-pollution plan."""

__version__ = "0.1.0"
