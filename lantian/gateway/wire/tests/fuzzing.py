"""Bytes that were packets once, and how often one of them is taken for something that nobody sent."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from lantian.gateway.wire import crc, fast
from lantian.gateway.wire.decode import decode, decode_all
from lantian.gateway.wire.fast.batch import Batch
from lantian.gateway.wire.framing import frames_of
from lantian.gateway.wire.packet import Decoded


def same(one: Decoded, other: Decoded) -> bool:
    """Compare all that a frame became."""
    return (one.ok, one.error, one.packet, one.frame, one.needs, one.seen, one.crc_computed) == (
        other.ok,
        other.error,
        other.packet,
        other.frame,
        other.needs,
        other.seen,
        other.crc_computed,
    )


def differing(batch: Batch, reference: list[Decoded]) -> list[int]:
    """Return the frames that the fast path sees in another way than the reference."""
    if len(batch) != len(reference):
        return [-1]
    return [
        index
        for index, expected in enumerate(reference)
        if bool(batch.ok[index]) != expected.ok or not same(batch.decoded(index), expected)
    ]


def mutated(raw: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Return a kind of damage and the damaged packet (length and CRC field may be hit as well)."""
    kind = chance.choice(
        ("one byte", "some bytes", "digits", "swapped", "inserted", "deleted", "cut", "burst", "doubled")
    )
    data = bytearray(raw)
    place = chance.randrange(len(data))
    if kind == "one byte":
        data[place] = chance.randrange(256)
    elif kind == "some bytes":
        for _ in range(chance.randint(2, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == "digits":  # the worst case: nothing but the CRC can see it
        places = [at for at in range(6, len(data) - 6) if 48 <= data[at] <= 57]
        for at in chance.sample(places, min(len(places), chance.randint(2, 6))):
            data[at] = chance.randrange(48, 58)
    elif kind == "swapped":
        data[place], data[place - 1] = data[place - 1], data[place]
    elif kind == "inserted":
        data[place:place] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 5)))
    elif kind == "deleted":
        del data[place : place + chance.randint(1, 5)]
    elif kind == "cut":
        del data[place:]
    elif kind == "burst":
        data[place : place + 20] = bytes(chance.randrange(256) for _ in range(20))
    else:
        data[place:place] = data[max(0, place - 30) : place]
    return kind, bytes(data)


@dataclass
class Tally:
    """`changed`: damaged packets by kind; `passed`: those whose CRC happens to be right; `taken`: accepted as packets."""

    changed: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    differing: int = 0

    def table(self) -> str:
        rows = [f"{'damage':<12}{'packets':>10}{'CRC right':>11}{'accepted':>10}{'share':>9}"]
        for kind in sorted(self.changed):
            n, taken = self.changed[kind], self.taken[kind]
            rows.append(f"{kind:<12}{n:>10}{self.passed[kind]:>11}{taken:>10}{taken / n:>9.4%}")
        n, taken = self.changed.total(), self.taken.total()
        rows.append(f"{'all':<12}{n:>10}{self.passed.total():>11}{taken:>10}{taken / n:>9.4%}")
        return "\n".join(rows)


def damage(originals: list[bytes], count: int, seed: int, *, at_once: int = 500) -> Tally:
    """Damage packets one by one; compare both ways for each, and count what is accepted that was never sent."""
    chance = random.Random(seed)
    tally = Tally()
    while count > 0:
        kinds, frames, sent = [], [], []
        for _ in range(min(at_once, count)):
            raw = chance.choice(originals)
            kind, data = mutated(raw, chance)
            found = frames_of(data)
            kinds += [kind] * len(found)
            sent += [raw] * len(found)
            frames += found
            tally.changed[kind] += data != raw
        count -= at_once
        batch = fast.decode_many(frames)
        expected = [decode(frame) for frame in frames]
        tally.differing += len(differing(batch, expected))
        for kind, frame, raw, decoded in zip(kinds, frames, sent, expected, strict=True):
            if frame.segment == raw[6:-6] or not frame.segment:
                continue
            tally.passed[kind] += frame.crc.upper() == f"{crc.folded(frame.segment):04X}"
            tally.taken[kind] += decoded.ok
    return tally


def noise(originals: list[bytes], size: int, seed: int) -> bytes:
    """Return `size` bytes of anything: random bytes, pieces of packets, heads, tails, whole packets now and then."""
    chance = random.Random(seed)
    out = bytearray()
    while len(out) < size:
        kind = chance.randrange(6)
        raw = chance.choice(originals)
        if kind == 0:
            out += chance.randbytes(chance.randint(1, 300))
        elif kind == 1:
            out += raw[: chance.randrange(len(raw))]
        elif kind == 2:
            out += raw[chance.randrange(len(raw)) :]
        elif kind == 3:
            out += b"##%d" % chance.randrange(100_000)
        elif kind == 4:
            out += chance.choice((b"&&", b"&&ABCD\r\n", b"CP=&&", b"\r\n", b"\n", b"#", b"\x00" * 40))
        else:
            out += mutated(raw, chance)[1] if chance.random() < 0.8 else raw
    return bytes(out[:size])


def both_ways(data: bytes) -> tuple[int, int]:
    """Decode a buffer in both ways; (frames, frames that differ)."""
    expected = decode_all(data)
    return len(expected), len(differing(fast.decode_many(data), expected))
