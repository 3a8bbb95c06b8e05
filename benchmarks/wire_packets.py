"""Seeded HJ 212 packets as devices send them: stacks, sewage, air; three editions; 521 bytes in the mean."""

from __future__ import annotations

import random
from collections.abc import Iterator

from lantian.gateway.wire import crc

GAS = ("a00000", "a34013", "a21026", "a21002", "a19001", "a01011", "a01012", "a01013", "a01014", "a21001")
WATER = ("w00000", "w01001", "w01018", "w21003", "w21011", "w21001", "w01010", "w01012")
OLD_GAS = ("B02", "01", "02", "03", "S01", "S02", "S03", "S05", "S08")
KINDS = (("2011", ("Rtd", "ZsRtd")), ("2051", ("Min", "Avg", "Max", "Cou")), ("2061", ("Cou", "Min", "Avg", "Max")))


def packet(chance: random.Random) -> bytes:
    """Return one valid packet."""
    old = chance.random() < 0.3
    codes = OLD_GAS if old else chance.choice((GAS, GAS, WATER))
    cn, suffixes = chance.choice(KINDS)
    time = f"2024{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}{chance.randint(0, 23):02d}{chance.randint(0, 59):02d}00"
    chosen = chance.sample(codes, chance.randint(4, len(codes)))
    items = ";".join(_item(code, suffixes, chance) for code in chosen)
    device = (
        f"8888888000{chance.randint(0, 9999):04d}" if old else f"010000A8900016F0{chance.randint(0, 16**8 - 1):08X}"
    )
    flag = "" if old else f"Flag={chance.choice((4, 5))};"
    system = "32" if codes is WATER else "31"
    head = f"QN={time}{chance.randint(0, 999):03d};ST={system};CN={cn};PW=123456;MN={device};{flag}"
    segment = f"{head}CP=&&DataTime={time};{items}&&".encode()
    if len(segment) > 1024:
        return packet(chance)
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc.folded(segment))


def _item(code: str, suffixes: tuple[str, ...], chance: random.Random) -> str:
    scale = chance.choice((1, 10, 100, 1000))
    values = ",".join(f"{code}-{suffix}={chance.random() * scale:.{chance.randint(1, 4)}f}" for suffix in suffixes)
    return f"{values},{code}-Flag={chance.choice('NNNNNNNNDMC')}"


def packets(count: int, seed: int = 7, mean: int = 521) -> Iterator[bytes]:
    """Yield packets whose mean length (segment, head and tail) is close to `mean`: shorter or longer ones are passed over."""
    chance = random.Random(seed)
    total = made = 0
    while made < count:
        one = packet(chance)
        too_much = total + len(one) - mean * (made + 1)
        if abs(too_much) > 600 and (too_much > 0) == (len(one) > mean):
            continue
        total += len(one)
        made += 1
        yield one
