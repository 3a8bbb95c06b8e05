"""A group: the packets that came in together and go to disk with one commit, as one row of the inbox.

One row for a group and not one for a packet: SQLite then has one step per commit however many packets there are.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

# How the packets of a group are to be read.
HJ212, PUSH, MQTT = 1, 2, 3
KINDS = {HJ212: "hj212", PUSH: "push", MQTT: "mqtt"}


@dataclass(frozen=True, slots=True)
class Group:
    """`at` is when they were read from the network, in microseconds since 1970 UTC; `lengths` are bytes."""

    seq: int
    at: int
    kind: int
    lengths: array[int]
    body: bytes

    def __len__(self) -> int:
        return len(self.lengths)

    def packets(self) -> Iterator[bytes]:
        """Yield the packets as they came."""
        begin = 0
        for end in accumulate(self.lengths):
            yield self.body[begin:end]
            begin = end


def lengths_of(packets: Sequence[bytes]) -> array[int]:
    return array("I", map(len, packets))


def lengths_to_bytes(lengths: array[int]) -> bytes:
    """Return little-endian 32-bit numbers, whatever the machine."""
    return struct.pack(f"<{len(lengths)}I", *lengths)


def lengths_from_bytes(data: bytes) -> array[int]:
    return array("I", struct.unpack(f"<{len(data) // 4}I", data))
