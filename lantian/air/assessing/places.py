"""Names of places as people write them: with or without the ending of their kind; near ones when nothing fits."""

from __future__ import annotations

from collections.abc import Collection

from rapidfuzz import fuzz, process

# Endings of names of places that are left out in daily use.
_ENDINGS = ("自治州", "地区", "新区", "市", "县", "区", "州", "盟")
_NEAR = 5
_SHORTEST = 2


class UnknownPlaceError(LookupError):
    """No place of this name has data; `near` are the names that come nearest."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name, self.near = name, near
        hint = f"near names: {', '.join(near)}" if near else "there are no data at all; import some first"
        super().__init__(f"there are no data of a place {name!r}; {hint}")


def bare(name: str) -> str:
    """Return a name without the ending of its kind, if two characters remain.

    >>> [bare(one) for one in ("临水市", "临水", "沙县")]
    ['临水', '临水', '沙县']
    """
    text = name.strip()
    for ending in _ENDINGS:
        if text.endswith(ending) and len(text) - len(ending) >= _SHORTEST:
            return text.removesuffix(ending)
    return text


def resolve(name: str, known: Collection[str]) -> str:
    """Return the known place that a name means; raises UnknownPlaceError, also where two known places fit."""
    if name.strip() in known:
        return name.strip()
    fitting = [one for one in known if bare(one) == bare(name)]
    if len(fitting) == 1:
        return fitting[0]
    raise UnknownPlaceError(name.strip(), tuple(fitting) or _near(name, known))


def _near(name: str, known: Collection[str]) -> tuple[str, ...]:
    found = process.extract(bare(name), sorted(known), scorer=fuzz.ratio, limit=_NEAR)
    alike = tuple(one for one, score, _ in found if score > 0)
    return alike or tuple(sorted(known)[:_NEAR])
