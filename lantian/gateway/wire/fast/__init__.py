"""Frames to columns, many at a time: the kernel for clean ones, the reference for all others and until it is there.

    fast.prepare()                       # once, at the start of a server: loads the kernel in the background
    batch = fast.decode_many(frames)     # frames of many connections, or a buffer of packets
    batch.value[batch.packet == 3]

Results are equal with and without the kernel. `LANTIAN_FAST=0` leaves it out.
"""

from __future__ import annotations

from lantian.gateway.wire.fast.batch import EDITIONS, NO_TIME, Batch
from lantian.gateway.wire.fast.decoder import Decoder, decode_many
from lantian.gateway.wire.fast.loading import prepare, ready

__all__ = ["EDITIONS", "NO_TIME", "Batch", "Decoder", "decode_many", "prepare", "ready"]
