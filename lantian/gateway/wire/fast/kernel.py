"""The compiled part: frames that are clean become columns; every other frame is left to the reference.

Clean means: the standard's framing and CRC, header and items of printable ASCII in their plain forms, nothing that the
reference would note except header fields of another form. So this file needs to be right only about what it accepts;
tests compare that with the reference on mutated and random bytes. All indices are int64, all bytes uint8.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from lantian.gateway.wire.crc import TABLE

Array = npt.NDArray[Any]
Int = Any  # int64 where it is compiled
Bytes = npt.NDArray[np.uint8]

# columns of `packets` (int64): see batch.py
HEADER_AT = 0  # 9 offsets, then 9 lengths (-1: absent), in the order of packet.HEADER
CN, FLAG, EDITION, NOTES, TIME, PNUM, PNO, STATUS = 18, 19, 20, 21, 22, 23, 24, 25
PACKET_COLUMNS = 26
# columns of `rows` (int32)
ROW_PACKET, ROW_FACTOR, ROW_SUFFIX, ROW_AT, ROW_LENGTH, ROW_MARK = 0, 1, 2, 3, 4, 5
ROW_COLUMNS = 6
CLEAN, SLOW = 1, 0
NOTE_ST, NOTE_CN, NOTE_PW, NOTE_MN, NOTE_PART = 1, 2, 4, 8, 16
NO_TIME = np.iinfo(np.int64).min
WORDS = 3  # a name has at most 24 bytes
LONGEST_NAME = 8 * WORDS
LONGEST_SEGMENT = 1024

_QN, _ST, _CN, _PW, _MN, _FLAG, _PNUM, _PNO, _RF, _CP = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
_SUFFIX_FLAG = 1  # names.py puts it there
_PLAIN_TIME = 2


def _tables() -> Array:
    """The step of the CRC's high byte 1 to 8 times over."""
    step = np.array([value >> 8 for value in TABLE], dtype=np.uint8)
    rows = [step]
    for _ in range(7):
        rows.append(step[rows[-1]])
    return np.stack(rows)


STEPS = _tables()
LAST = np.array(TABLE, dtype=np.int64)
POWERS = np.array([10.0**k for k in range(23)])


@njit(cache=True, nogil=True, error_model="numpy")
def _crc(buffer: Bytes, at: Int, end: Int, steps: Array, last: Array) -> Int:
    """CRC of buffer[at:end] (not empty): eight bytes a step, the last byte alone."""
    state = np.int64(255)
    stop = end - 1
    while at + 8 <= stop:
        state = np.int64(
            steps[7, state ^ buffer[at]]
            ^ steps[6, buffer[at + 1]]
            ^ steps[5, buffer[at + 2]]
            ^ steps[4, buffer[at + 3]]
            ^ steps[3, buffer[at + 4]]
            ^ steps[2, buffer[at + 5]]
            ^ steps[1, buffer[at + 6]]
            ^ steps[0, buffer[at + 7]]
        )
        at += 8
    while at < stop:
        state = np.int64(steps[0, state ^ buffer[at]])
        at += 1
    return last[state ^ buffer[stop]]


@njit(cache=True, nogil=True, error_model="numpy")
def _digits(buffer: Bytes, at: Int, count: Int) -> Int:
    """The number that `count` digits write, or -1."""
    value = np.int64(0)
    for i in range(at, at + count):
        c = np.int64(buffer[i]) - 48
        if c < 0 or c > 9:
            return np.int64(-1)
        value = value * 10 + c
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def _seconds(buffer: Bytes, at: Int) -> Int:
    """Seconds since 1970 of the 14 digits at `at`, or NO_TIME if they are no time."""
    day = _digits(buffer, at, 8)
    clock = _digits(buffer, at + 8, 6)
    if day < 0 or clock < 0:
        return NO_TIME
    y, m, d = day // 10000, day // 100 % 100, day % 100
    hour, minute, second = clock // 10000, clock // 100 % 100, clock % 100
    if y < 1 or m < 1 or m > 12 or d < 1 or hour > 23 or minute > 59 or second > 59:
        return NO_TIME
    leap = (y % 4 == 0 and y % 100 != 0) or y % 400 == 0
    longest = 31
    if m == 2:
        longest = 29 if leap else 28
    elif m == 4 or m == 6 or m == 9 or m == 11:
        longest = 30
    if d > longest:
        return NO_TIME
    shifted = y - 1 if m <= 2 else y
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (m - 3 if m > 2 else m + 9) + 2) // 5 + d - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return days * 86400 + hour * 3600 + minute * 60 + second


@njit(cache=True, nogil=True, error_model="numpy")
def _field(buffer: Bytes, at: Int, length: Int) -> Int:  # noqa: C901
    """Which header field the name buffer[at:at+length] is, or -1."""
    if length == 2:
        pair = np.int64(buffer[at]) << 8 | np.int64(buffer[at + 1])
        if pair == 0x514E:
            return _QN
        if pair == 0x5354:
            return _ST
        if pair == 0x434E:
            return _CN
        if pair == 0x5057:
            return _PW
        if pair == 0x4D4E:
            return _MN
        if pair == 0x5246:
            return _RF
        if pair == 0x4350:
            return _CP
        return -1
    word = np.int64(0)
    if length == 3 or length == 4:
        for i in range(at, at + length):
            word = word << 8 | np.int64(buffer[i])
    if word == 0x466C6167:
        return _FLAG
    if word == 0x504E554D:
        return _PNUM
    if word == 0x504E4F:
        return _PNO
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def _known_name(word: Int, length: Int, slots: Array, keys: Array) -> Int:
    """The id of a known name of at most 8 bytes (`word`: its bytes, the first highest), or -1."""
    mask = slots.size - 1
    slot = (((word ^ length) * np.int64(-7046029254386353131)) >> 29) & mask
    while True:
        known = np.int64(slots[slot])
        if known < 0 or (keys[known, 0] == word and keys[known, 3] == length):
            return known
        slot = (slot + 1) & mask


@njit(cache=True, nogil=True, error_model="numpy")
def _name(buffer: Bytes, at: Int, end: Int, slots: Array, keys: Array, state: Array, which: Int) -> Int:
    """The id of the name buffer[at:end], new if need be; -1 if it is too long or the table is full."""
    length = end - at
    if length < 1 or length > LONGEST_NAME:
        return np.int64(-1)
    a, b, c = np.int64(0), np.int64(0), np.int64(0)
    for i in range(at, min(end, at + 8)):
        a = a << 8 | np.int64(buffer[i])
    for i in range(at + 8, min(end, at + 16)):
        b = b << 8 | np.int64(buffer[i])
    for i in range(at + 16, end):
        c = c << 8 | np.int64(buffer[i])
    mask = slots.size - 1
    mixed = (a ^ b * 31 ^ c * 1000003 ^ length) * np.int64(-7046029254386353131)
    slot = (mixed >> 29) & mask
    while True:
        known = np.int64(slots[slot])
        if known < 0:
            break
        if keys[known, 0] == a and keys[known, 1] == b and keys[known, 2] == c and keys[known, 3] == length:
            return known
        slot = (slot + 1) & mask
    known = np.int64(state[which])
    if known >= keys.shape[0]:
        return np.int64(-1)
    keys[known, 0], keys[known, 1], keys[known, 2], keys[known, 3] = a, b, c, length
    slots[slot] = known
    state[which] = known + 1
    return known


@njit(cache=True, nogil=True, error_model="numpy")
def _header(buffer: Bytes, at: Int, end: Int, packet: Array) -> Int:
    """Read the header fields of a segment; where the data area begins, or -1."""
    while at < end:
        start = at
        while at < end and buffer[at] != 61 and at - start < 5:
            at += 1
        if at >= end or buffer[at] != 61:
            return np.int64(-1)
        field = _field(buffer, start, at - start)
        at += 1
        if field == _CP:
            return at + 2 if at + 2 <= end and buffer[at] == 38 and buffer[at + 1] == 38 else np.int64(-1)
        if field < 0 or packet[9 + field] >= 0:
            return np.int64(-1)
        start = at
        while at < end and buffer[at] != 59:
            c = buffer[at]
            if c <= 32 or c > 126 or c == 44 or c == 61:
                return np.int64(-1)
            at += 1
        packet[field] = start
        packet[9 + field] = at - start
        at += 1
    return np.int64(-1)


@njit(cache=True, nogil=True, error_model="numpy")
def _is_epc(buffer: Bytes, at: Int, length: Int) -> Any:
    if length != 24:
        return False
    for i in range(at, at + 24):
        c = buffer[i]
        if not ((48 <= c <= 57) or (65 <= c <= 70) or (97 <= c <= 102)):
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _fields(buffer: Bytes, packet: Array, systems: Array, commands: Array) -> Any:  # noqa: C901
    """Judge the header fields; False if the reference has something to say about them."""
    if packet[9 + _QN] >= 0 and (
        packet[9 + _QN] != 17 or _seconds(buffer, packet[_QN]) == NO_TIME or _digits(buffer, packet[_QN] + 14, 3) < 0
    ):
        return False
    if packet[9 + _ST] != 2 or packet[9 + _CN] != 4 or packet[9 + _MN] < 1:
        return False
    system, cn = _digits(buffer, packet[_ST], 2), _digits(buffer, packet[_CN], 4)
    if cn < 0:
        return False
    notes = 0
    if system < 0 or not systems[system]:
        notes |= NOTE_ST
    if not commands[cn]:
        notes |= NOTE_CN
    flag = np.int64(-1)
    if packet[9 + _FLAG] >= 0:
        if packet[9 + _FLAG] < 1 or packet[9 + _FLAG] > 3:
            return False
        flag = _digits(buffer, packet[_FLAG], packet[9 + _FLAG])
        if flag < 0 or flag > 11:
            return False
    version = flag >> 2 if flag >= 0 else np.int64(0)
    epc = _is_epc(buffer, packet[_MN], packet[9 + _MN])
    if version == 2 and not epc:
        return False
    if packet[9 + _PW] >= 0 and packet[9 + _PW] != 6:
        notes |= NOTE_PW
    if (version == 0 and packet[9 + _MN] != 14) or (version > 0 and not epc):
        notes |= NOTE_MN
    divided = flag >= 0 and flag & 2
    numbered = packet[9 + _PNUM] >= 0 or packet[9 + _PNO] >= 0
    packet[PNUM], packet[PNO] = 0, 0
    if numbered:
        if not divided or not (1 <= packet[9 + _PNUM] <= 5 and 1 <= packet[9 + _PNO] <= 5):
            return False
        total = _digits(buffer, packet[_PNUM], packet[9 + _PNUM])
        number = _digits(buffer, packet[_PNO], packet[9 + _PNO])
        if number < 1 or total < number:
            return False
        packet[PNUM], packet[PNO] = total, number
    elif divided and version > 0:
        notes |= NOTE_PART
    packet[CN], packet[FLAG], packet[EDITION], packet[NOTES] = cn, flag, version, notes
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _value(buffer: Bytes, at: Int, end: Int, powers: Array, values: Array, row: Int) -> Int:
    """Read the value from `at` on; where it ends, or -1. The number goes to values[row] (NaN: no number)."""
    start = at
    negative = False
    mantissa, digits, fraction = np.int64(0), 0, 0
    dot, number, exponent = False, True, False
    while at < end:
        c = buffer[at]
        if 48 <= c <= 57:
            mantissa = mantissa * 10 + (np.int64(c) - 48)
            digits += 1
            if dot:
                fraction += 1
        elif c == 59 or c == 44:
            break
        elif c == 46 and not dot:
            dot = True
        elif (c == 45 or c == 43) and at == start:
            negative = c == 45
        else:
            if c <= 32 or c > 126 or c == 61 or c == 38 or c == 47:
                return np.int64(-1)
            exponent |= (c == 101 or c == 69) and digits > 0
            number = False
        at += 1
    if exponent:
        return np.int64(-1)
    if number and digits > 0:
        if digits > 18 or mantissa > 9007199254740992:
            return np.int64(-1)
        value = np.float64(mantissa) / powers[fraction]
        values[row] = -value if negative else value
    else:
        values[row] = np.nan
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def _items(  # noqa: C901
    buffer: Bytes,
    at: Int,
    end: Int,
    index: Int,
    packet: Array,
    rows: Array,
    values: Array,
    row: Int,
    powers: Array,
    marks: Array,
    names: tuple[Array, ...],
    stamp: Int,
) -> Int:
    """Read the data area buffer[at:end] into rows; how many rows there are then, or -1."""
    factor_slots, factor_keys, suffix_slots, suffix_keys, state, seen = names
    first = row
    packet[TIME] = NO_TIME
    before = before_word = before_length = np.int64(0)
    while at < end:
        start = at
        dash = np.int64(-1)
        word = factor_word = np.int64(0)
        while at < end:
            c = buffer[at]
            if c == 61:
                break
            if c == 45:
                if dash >= 0:
                    return np.int64(-1)
                dash = at
                factor_word = word
                word = np.int64(0)
            elif c <= 32 or c > 126 or c == 59 or c == 44 or c == 38:
                return np.int64(-1)
            else:
                word = word << 8 | np.int64(c)
            at += 1
        if at >= end or at == start or dash == start or at == dash + 1:
            return np.int64(-1)
        factor = np.int64(0)
        if dash < 0:
            dash = start - 1
        elif dash - start != before_length or factor_word != before_word or dash - start > 8:
            factor = np.int64(-1)
            if dash - start <= 8:
                factor = _known_name(factor_word, dash - start, factor_slots, factor_keys)
            if factor < 0:
                factor = _name(buffer, start, dash, factor_slots, factor_keys, state, 0)
            before, before_word, before_length = factor, factor_word, dash - start
        else:
            factor = before
        suffix = np.int64(-1)
        if at - dash <= 9:
            suffix = _known_name(word, at - dash - 1, suffix_slots, suffix_keys)
        if suffix < 0:
            suffix = _name(buffer, dash + 1, at, suffix_slots, suffix_keys, state, 1)
        if factor < 0 or suffix < 0 or row >= rows.shape[0] or state[3] <= suffix < state[4]:
            return np.int64(-1)
        text = at + 1
        at = _value(buffer, text, end, powers, values, row)
        if at < 0:
            return np.int64(-1)
        if factor == 0:
            if suffix == _SUFFIX_FLAG or suffix == 3 or suffix == 4:  # Flag, ST, MN inside CP
                return np.int64(-1)
            if suffix == _PLAIN_TIME:
                if packet[TIME] != NO_TIME or at - text != 14:
                    return np.int64(-1)
                packet[TIME] = _seconds(buffer, text)
                if packet[TIME] == NO_TIME:
                    return np.int64(-1)
        else:
            if seen[factor, 0] != stamp:
                seen[factor, 0], seen[factor, 1], seen[factor, 2] = stamp, 0, 0
            place = suffix if suffix < state[3] else suffix - (state[4] - state[3])
            if place < 62:
                bit = np.int64(1) << place
                if seen[factor, 1] & bit:
                    return np.int64(-1)
                seen[factor, 1] |= bit
            else:
                for i in range(first, row):
                    if rows[i, ROW_FACTOR] == factor and rows[i, ROW_SUFFIX] == suffix:
                        return np.int64(-1)
            if suffix == _SUFFIX_FLAG:
                if at - text != 1 or not marks[buffer[text]]:
                    return np.int64(-1)
                seen[factor, 2] = np.int64(buffer[text])
        rows[row, ROW_PACKET], rows[row, ROW_FACTOR], rows[row, ROW_SUFFIX] = index, factor, suffix
        rows[row, ROW_AT], rows[row, ROW_LENGTH] = text, at - text
        row += 1
        if at < end:
            if at + 1 == end and buffer[at] != 59:
                return np.int64(-1)  # only a semicolon may stand before &&
            at += 1
    for i in range(first, row):
        factor = rows[i, ROW_FACTOR]
        rows[i, ROW_MARK] = seen[factor, 2] if factor else 0
    return row


@njit(cache=True, nogil=True, error_model="numpy")
def parse(
    buffer: Bytes,
    starts: Array,
    ends: Array,
    begin: Int,
    packets: Array,
    rows: Array,
    values: Array,
    row: Int,
    steps: Array,
    last: Array,
    powers: Array,
    known: tuple[Array, ...],
    names: tuple[Array, ...],
) -> tuple[Int, Int]:
    """Parse frames begin…; (next frame, rows). Stops when rows may not suffice: the caller makes room and goes on.

    `packets[i, STATUS]` is CLEAN, or SLOW: the reference decides, whatever else stands in the row.
    """
    systems, commands, marks = known
    state = names[4]
    for index in range(begin, starts.size):
        start, end = starts[index], ends[index]
        packet = packets[index]
        packet[STATUS] = SLOW
        length = end - start - 12
        if length < 7 or length > LONGEST_SEGMENT or buffer[start] != 35 or buffer[start + 1] != 35:
            continue
        if row + length // 3 + 1 > rows.shape[0]:
            return index, row
        body = start + 6
        tail = body + length
        if _digits(buffer, start + 2, 4) != length or buffer[end - 2] != 13 or buffer[end - 1] != 10:
            continue
        if buffer[tail - 1] != 38 or buffer[tail - 2] != 38:
            continue
        printed = np.int64(0)
        for i in range(tail, tail + 4):
            c = np.int64(buffer[i])
            if 48 <= c <= 57:
                printed = printed << 4 | (c - 48)
            elif 65 <= c <= 70:
                printed = printed << 4 | (c - 55)
            else:
                printed = np.int64(1) << 20
        if printed != _crc(buffer, body, tail, steps, last):
            continue
        packet[9:18] = -1
        area = _header(buffer, body, tail, packet)
        if area < 0 or area > tail - 2 or not _fields(buffer, packet, systems, commands):
            continue
        state[2] += 1
        after = _items(buffer, area, tail - 2, index, packet, rows, values, row, powers, marks, names, state[2])
        if after < 0:
            continue
        packet[STATUS] = CLEAN
        row = after
    return starts.size, row


@njit(cache=True, nogil=True, error_model="numpy")
def split(buffer: Bytes, at: Int, starts: Array, ends: Array) -> tuple[Int, Int]:
    """Find clean frames one behind the other from `at` on; (how many, where the first other byte stands)."""
    count = 0
    size = buffer.size
    while count < starts.size and at + 12 <= size:
        if buffer[at] != 35 or buffer[at + 1] != 35:
            break
        length = _digits(buffer, at + 2, 4)
        end = at + 12 + length
        if length < 2 or end > size or buffer[end - 2] != 13 or buffer[end - 1] != 10:
            break
        tail = end - 6
        if buffer[tail - 1] != 38 or buffer[tail - 2] != 38:
            break
        odd = False
        for i in range(at + 6, tail + 4):
            odd |= buffer[i] == 13
        if odd:
            break
        for i in range(tail, tail + 4):
            c = buffer[i]
            odd |= not ((48 <= c <= 57) or (65 <= c <= 70) or (97 <= c <= 102))
        if odd:
            break
        starts[count], ends[count] = at, end
        count += 1
        at = end
    return count, at
