"""City packs: everything about one city as data files, loaded and checked without a database.

>>> from lantian.city.pack import find_pack, load_pack, check_pack
>>> faults = check_pack(find_pack("example"))  # doctest: +SKIP
"""

from lantian.city.pack.calendar import Calendar, calendar_from_plain
from lantian.city.pack.faults import Fault, PackError
from lantian.city.pack.loader import check_pack, load_pack
from lantian.city.pack.locate import default_pack, find_pack, pack_names
from lantian.city.pack.model import (
    Agency,
    Binding,
    CityPack,
    DemoUser,
    Document,
    Enterprise,
    EscalationOverride,
    Indicator,
    Meta,
    Place,
    Places,
    Role,
    Threshold,
    plain,
)
from lantian.city.pack.schedule import national_thresholds
from lantian.city.pack.series import find_quote

__all__ = [
    "Agency",
    "Binding",
    "Calendar",
    "CityPack",
    "DemoUser",
    "Document",
    "Enterprise",
    "EscalationOverride",
    "Fault",
    "Indicator",
    "Meta",
    "PackError",
    "Place",
    "Places",
    "Role",
    "Threshold",
    "calendar_from_plain",
    "check_pack",
    "default_pack",
    "find_pack",
    "find_quote",
    "load_pack",
    "national_thresholds",
    "pack_names",
    "plain",
]
