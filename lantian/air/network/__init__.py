"""The stations of a city pack, and a place's values out of its stations with the law's validity. No Django: a library.

>>> from lantian.air.network import read_network
"""

from lantian.air.network.kinds import Kind, kinds
from lantian.air.network.reading import DEMO_FILE, FILE, NetworkError, check_stations, read_network
from lantian.air.network.stations import Network, Station

__all__ = [
    "DEMO_FILE",
    "FILE",
    "Kind",
    "Network",
    "NetworkError",
    "Station",
    "check_stations",
    "kinds",
    "read_network",
]
