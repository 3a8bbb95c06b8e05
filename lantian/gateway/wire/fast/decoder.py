"""Drives the kernel: buffers, names, room for rows; frames that are not clean go to the reference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from lantian.gateway.wire import commands, values
from lantian.gateway.wire.decode import decode
from lantian.gateway.wire.dialect import STANDARD, Dialect
from lantian.gateway.wire.fast import loading
from lantian.gateway.wire.fast.batch import EDITIONS, NO_TIME, Batch
from lantian.gateway.wire.fast.names import FACTORS, ODD, SUFFIXES, Names
from lantian.gateway.wire.framing import Frame, next_frame
from lantian.gateway.wire.packet import Decoded

Judge = Callable[[Frame], Decoded]
_PACKET_COLUMNS = 26
_ROW_COLUMNS = 6
_MOST_FACTORS, _MOST_SUFFIXES = 20_000, 4_000
_FRAMES_AT_ONCE = 4096


class _State:
    """What the kernel keeps between calls: names with their ids, and which factor stood in which packet."""

    def __init__(self) -> None:
        self.factors = Names(FACTORS, _MOST_FACTORS)
        self.suffixes = Names((*SUFFIXES, *ODD), _MOST_SUFFIXES)
        # how many names there are; which packet is at work; the ids of suffixes in other letters
        odd = (len(SUFFIXES), len(SUFFIXES) + len(ODD))
        self.counts = np.array([self.factors.count, self.suffixes.count, 0, *odd], dtype=np.int64)
        self.seen = np.full((_MOST_FACTORS, 3), -1, dtype=np.int64)

    def arguments(self) -> tuple[Any, ...]:
        return (self.factors.slots, self.factors.keys, self.suffixes.slots, self.suffixes.keys, self.counts, self.seen)

    def sync(self) -> None:
        self.factors.sync(int(self.counts[0]))
        self.suffixes.sync(int(self.counts[1]))

    @property
    def nearly_full(self) -> bool:
        return self.factors.nearly_full or self.suffixes.nearly_full


class Decoder:
    """Turns frames into batches; keeps names from one batch to the next. One thread at a time."""

    def __init__(self) -> None:
        self._state = _State()

    def decode(self, source: bytes | Sequence[Frame], judge: Judge, dialect: Dialect = STANDARD) -> Batch:
        """Return the batch of a buffer (framed here under a dialect) or of frames. `judge`: the reference for one frame."""
        kernel = loading.kernel()
        if isinstance(source, bytes | bytearray | memoryview):
            buffer = bytes(source)
            starts, ends, odd = _framed(buffer, dialect, kernel)
        else:
            buffer, starts, ends = _joined(source)
            odd = dict(enumerate(source)) if kernel is None else {}
        frames = None if isinstance(source, bytes | bytearray | memoryview) else source
        packets, rows, found = self._parsed(buffer, starts, ends, odd, kernel)
        judged = {}
        for index in np.flatnonzero(packets[:, 25] == 0).tolist():
            frame = frames[index] if frames is not None else odd.get(index)
            if frame is None:
                frame, _ = next_frame(buffer[starts[index] : ends[index]], 0, True, dialect)
            judged[index] = judge(frame)  # type: ignore[arg-type]
        batch = self._batch(buffer, starts, ends, packets, rows, found, judged)
        if self._state.nearly_full:
            self._state = _State()
        return batch

    def _parsed(
        self, buffer: bytes, starts: Any, ends: Any, odd: dict[int, Frame], kernel: ModuleType | None
    ) -> tuple[Any, Any, Any]:
        packets = np.zeros((len(starts), _PACKET_COLUMNS), dtype=np.int64)
        if kernel is None or not len(starts):
            return packets, np.empty((0, _ROW_COLUMNS), np.int32), np.empty(0)
        view = np.frombuffer(buffer, dtype=np.uint8)
        size = int(np.count_nonzero(view == 61)) + 512  # a row for each =, and what the kernel wants to have in hand
        rows, found = np.empty((size, _ROW_COLUMNS), np.int32), np.empty(size)
        begin = row = 0
        while True:
            begin, row = kernel.parse(
                view,
                starts,
                ends,
                begin,
                packets,
                rows,
                found,
                row,
                kernel.STEPS,
                kernel.LAST,
                kernel.POWERS,
                _known(),
                self._state.arguments(),
            )
            if begin >= len(starts):
                break
            rows, found = np.concatenate([rows, np.empty_like(rows)]), np.concatenate([found, np.empty_like(found)])
        self._state.sync()
        for index in odd:  # what needed the reference to be found is judged by it
            packets[index, 25] = 0
        return packets, rows[:row], found[:row]

    def _batch(
        self, buffer: bytes, starts: Any, ends: Any, packets: Any, rows: Any, found: Any, judged: dict[int, Decoded]
    ) -> Batch:
        if judged:
            rows, found = self._with_judged(packets, rows, found, judged)
        return Batch(
            buffer,
            starts,
            ends,
            ok=packets[:, 25] != 0,
            header_at=packets[:, :9],
            header_length=packets[:, 9:18],
            cn=packets[:, 18],
            flag=packets[:, 19],
            edition=packets[:, 20],
            notes=packets[:, 21],
            data_time=packets[:, 22],
            pnum=packets[:, 23],
            pno=packets[:, 24],
            packet=rows[:, 0],
            factor=rows[:, 1],
            suffix=rows[:, 2],
            text_at=rows[:, 3],
            text_length=rows[:, 4],
            mark=rows[:, 5],
            value=found,
            factors=self._state.factors.texts,
            suffixes=self._state.suffixes.texts,
            judged=judged,
        )

    def _with_judged(self, packets: Any, rows: Any, found: Any, judged: dict[int, Decoded]) -> tuple[Any, Any]:
        """Put in what the reference accepted, in the order of the frames."""
        kept = ~np.isin(rows[:, 0], list(judged)) if len(rows) else np.zeros(0, bool)
        extra: list[tuple[int, ...]] = []
        numbers: list[float] = []
        for index, decoded in judged.items():
            _fill(packets[index], decoded)
            if decoded.packet is None:
                continue
            marks = {entry.factor: entry.text for entry in reversed(decoded.packet.entries) if entry.suffix == "Flag"}
            for entry in decoded.packet.entries:
                factor = self._state.factors.identify(entry.factor)
                suffix = self._state.suffixes.identify(entry.suffix)
                mark = marks.get(entry.factor, "") if entry.factor else ""
                extra.append((index, factor, suffix, -1, -1, _letter(mark)))
                number = values.number(entry.text)
                numbers.append(float("nan") if number is None else number)
        self._state.counts[:2] = self._state.factors.count, self._state.suffixes.count
        if extra:
            rows = np.concatenate([rows[kept], np.array(extra, dtype=np.int32)])
            found = np.concatenate([found[kept], np.array(numbers)])
        else:
            rows, found = rows[kept], found[kept]
        order = np.argsort(rows[:, 0], kind="stable")
        return rows[order], found[order]


def _letter(mark: str) -> int:
    return 0 if not mark else ord(mark) if len(mark) == 1 and mark.isascii() else 255


def _fill(row: npt.NDArray[np.int64], decoded: Decoded) -> None:
    """Write a packet that the reference judged into its columns."""
    row[:] = 0
    row[9:18] = -1
    row[18:20] = -1
    row[22] = NO_TIME
    packet = decoded.packet
    if packet is None:
        return
    row[18] = int(packet.cn) if packet.cn.isascii() and packet.cn.isdecimal() and len(packet.cn) < 9 else -1
    row[19] = -1 if packet.flag is None else packet.flag
    row[20] = EDITIONS.index(packet.edition)
    row[23], row[24] = packet.part or (0, 0)
    if packet.data_time is not None:
        row[22] = int(np.datetime64(packet.data_time, "s").astype(np.int64))
    row[25] = 1


def _joined(frames: Sequence[Frame]) -> tuple[bytes, Any, Any]:
    lengths = np.array([len(frame.raw) for frame in frames], dtype=np.int64)
    ends = np.cumsum(lengths)
    return b"".join(frame.raw for frame in frames), ends - lengths, ends


def _framed(buffer: bytes, dialect: Dialect, kernel: ModuleType | None) -> tuple[Any, Any, dict[int, Frame]]:
    """Cut a whole buffer into frames; those that the reference had to find are returned by their index."""
    view = np.frombuffer(buffer, dtype=np.uint8)
    starts, ends = np.empty(_FRAMES_AT_ONCE, np.int64), np.empty(_FRAMES_AT_ONCE, np.int64)
    cuts: list[Any] = []
    odd: dict[int, Frame] = {}
    at = count = 0
    while at < len(buffer):
        if kernel is not None:
            plain, at = kernel.split(view, at, starts, ends)
            cuts.append(np.stack([starts[:plain], ends[:plain]]))
            count += plain
        frame, after = next_frame(buffer, at, True, dialect) if at < len(buffer) else (None, at)
        if frame is None and after == at:
            break
        at = after
        if frame is not None:
            odd[count] = frame
            count += 1
            cuts.append(np.array([[after - len(frame.raw)], [after]], dtype=np.int64))
    both = np.concatenate(cuts, axis=1) if cuts else np.empty((2, 0), np.int64)
    return np.ascontiguousarray(both[0]), np.ascontiguousarray(both[1]), odd


_KNOWN: list[Any] = []


def _known() -> Any:
    """Return which ST, CN and data flags the standards know, as arrays for the kernel."""
    if not _KNOWN:
        systems, cns, marks = np.zeros(100, bool), np.zeros(10_000, bool), np.zeros(256, bool)
        systems[[int(system) for system in commands.systems()]] = True
        cns[[int(cn) for cn, command in commands.commands().items() if command.editions]] = True
        marks[[ord(mark) for mark in commands.marks()]] = True
        _KNOWN.append((systems, cns, marks))
    return _KNOWN[0]


_SHARED = threading.local()


def decode_many(
    source: bytes | Sequence[Frame],
    dialect: Dialect = STANDARD,
    keys: Sequence[bytes] = (),
    *,
    judge: Judge | None = None,
) -> Batch:
    """Return the batch of a buffer of packets, or of frames (from any connections).

    A clean packet is the same in every dialect; for the others `judge` says what becomes of a frame (default: the
    reference under `dialect` with the SM4 `keys`). A buffer is framed as a whole input is.
    """
    if not hasattr(_SHARED, "decoder"):
        _SHARED.decoder = Decoder()
    batch: Batch = _SHARED.decoder.decode(source, judge or (lambda frame: decode(frame, dialect, keys)), dialect)
    return batch


def warm(kernel: ModuleType | None = None) -> None:
    """Compile and run everything once."""
    if kernel is None:
        import importlib

        kernel = importlib.import_module("lantian.gateway.wire.fast.kernel")
    sample = b"##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200\r\n"
    view = np.frombuffer(sample, dtype=np.uint8)
    starts, ends = np.empty(4, np.int64), np.empty(4, np.int64)
    count, _ = kernel.split(view, 0, starts, ends)
    packets, rows = np.zeros((count, _PACKET_COLUMNS), np.int64), np.empty((512, _ROW_COLUMNS), np.int32)
    constants = (kernel.STEPS, kernel.LAST, kernel.POWERS, _known(), _State().arguments())
    kernel.parse(view, starts[:count], ends[:count], 0, packets, rows, np.empty(512), 0, *constants)
    if packets[0, 25] != kernel.CLEAN:
        raise RuntimeError("the compiled decoder refuses the standard's own packet")
