"""What RFC 2661 says about octets that are sent: a list of what a message breaks."""

from __future__ import annotations

from .catalogue import (
    ASSIGNED_SESSION_ID,
    ASSIGNED_TUNNEL_ID,
    AVP_KINDS,
    BEARER_TYPE,
    CDN,
    HELLO,
    ICRQ,
    MESSAGE_KINDS,
    OCRQ,
    RECEIVE_WINDOW_SIZE,
    RESULT_CODE,
    SCCRQ,
    STOPCCN,
)
from .wire import (
    FLAG_O,
    FLAG_P,
    RESERVED_FLAGS,
    Avp,
    Data,
    Message,
    Result,
    WireError,
    decode_control,
    decode_data,
)

_WITHOUT_TUNNEL = (SCCRQ.type,)
_SESSION_ZERO = (ICRQ.type, OCRQ.type)


def problems_of_datagram(octets: bytes) -> list[str]:
    """Everything that is wrong with a datagram; hidden AVPs are judged by their header only."""
    try:
        if octets and octets[0] & 0x80:
            return problems_of_control(decode_control(octets))
        return problems_of_data(decode_data(octets))
    except WireError as error:
        return [f"header: {error}"]


def problems_of_data(data: Data) -> list[str]:
    found = []
    if data.flags & 15 != 2:
        found.append("header: Ver is not 2")
    if data.flags & RESERVED_FLAGS:
        found.append("header: a reserved bit is set")
    if data.extra:
        found.append("header: Length is not that of the datagram")
    return found


def problems_of_control(message: Message) -> list[str]:
    found = []
    if message.flags & RESERVED_FLAGS:
        found.append("header: a reserved bit is set")
    if message.flags & (FLAG_O | FLAG_P):
        found.append("header: O or P is set in a control message")
    if message.flags & 15 != 2:
        found.append("header: Ver is not 2")
    if message.extra:
        found.append("header: octets behind the end of the message")
    if message.trouble:
        found.append(f"AVP: {message.trouble}")
    if message.is_zlb:
        return found
    for avp in message.avps:
        found += _problems_of_avp(avp)
    found += _problems_of_order(message)
    kind = MESSAGE_KINDS.get(message.kind or 0)
    if kind is None:
        return [*found, f"message: type {message.kind} is none of RFC 2661"]
    if message.avps[0].m != kind.m:
        found.append(f"message: the M bit of {kind.name} is {message.avps[0].m:d}")
    found += [
        f"message: {kind.name} lacks {required.name}"
        for required in kind.required
        if message.get(required) is None
    ]
    if kind.type in _WITHOUT_TUNNEL and message.tunnel_id:
        found.append(f"message: {kind.name} with Tunnel ID {message.tunnel_id:#x}")
    if kind.type not in (*_WITHOUT_TUNNEL, STOPCCN.type) and not message.tunnel_id:
        found.append(f"message: {kind.name} with Tunnel ID 0")
    if (not kind.of_session or kind.type in _SESSION_ZERO) and message.session_id:
        found.append(f"message: {kind.name} with Session ID {message.session_id:#x}")
    if kind.type == HELLO.type and len(message.avps) > 1:
        found.append("message: HELLO with more than a Message Type")
    return found


def _problems_of_order(message: Message) -> list[str]:
    found = []
    if message.avps[0].type != 0 or message.avps[0].vendor:
        found.append("message: its first AVP is no Message Type")
    seen = set()
    vector = False
    for avp in message.avps:
        vector = vector or (avp.vendor, avp.type) == (0, 36)
        if avp.h and not vector:
            found.append(f"AVP: {avp.type} is hidden without a Random Vector before it")
        if (avp.vendor, avp.type) in seen and avp.type not in (36, 46):
            found.append(f"AVP: {avp.vendor}/{avp.type} stands there twice")
        seen.add((avp.vendor, avp.type))
    return found


def _problems_of_avp(avp: Avp) -> list[str]:
    found = []
    value = avp.value or b""
    if avp.reserved:
        found.append(f"AVP: {avp.vendor}/{avp.type} has a reserved bit set")
    kind = AVP_KINDS.get((avp.vendor, avp.type))
    if kind is None:
        if avp.m:
            found.append(f"AVP: {avp.vendor}/{avp.type} is none of RFC 2661 and has M=1")
        return found
    if kind.m is not None and avp.m != kind.m:
        found.append(f"AVP: {kind.name} has M={avp.m:d}")
    if avp.h:
        if not kind.hideable:
            found.append(f"AVP: {kind.name} must not be hidden")
        return found
    if (kind.size is not None and len(value) != kind.size) or len(value) < kind.minimum:
        found.append(f"AVP: {kind.name} has {len(value)} octets")
        return found
    found += _problems_of_value(avp)
    return found


def _problems_of_value(avp: Avp) -> list[str]:
    value = avp.value or b""
    number = int.from_bytes(value, "big")
    if avp.vendor:
        return []
    if avp.type in (ASSIGNED_TUNNEL_ID.type, RECEIVE_WINDOW_SIZE.type) and number == 0:
        return [f"AVP: {AVP_KINDS[0, avp.type].name} is 0"]
    if avp.type == 2 and value != b"\x01\x00":
        return [f"AVP: Protocol Version is {value.hex()}"]
    if avp.type in (3, 4, 18, 19) and number & ~(7 if avp.type in (4, BEARER_TYPE.type) else 3):
        return [f"AVP: {AVP_KINDS[0, avp.type].name} is {number:#x}"]
    if avp.type == 32 and number > 255:
        return ["AVP: the first octet of Proxy Authen ID is not 0"]
    if avp.type in (34, 35) and value[:2] != b"\0\0":
        return [f"AVP: the reserved octets of {AVP_KINDS[0, avp.type].name} are not 0"]
    if avp.type == RESULT_CODE.type:
        return _problems_of_result(Result.decode(value), len(value))
    return []


def _problems_of_result(result: Result, size: int) -> list[str]:
    found = []
    if result.result == 0:
        found.append("AVP: Result Code 0 is reserved")
    if size == 3:
        found.append("AVP: half an Error Code")
    if result.result == 2 and not result.error:
        found.append("AVP: Result Code 2 without an Error Code")
    try:
        result.text.decode()
    except UnicodeDecodeError:
        found.append("AVP: the text of a Result Code is no UTF-8")
    return found


def session_id_is_zero(message: Message) -> bool:
    """An Assigned Session ID of 0; only a CDN that refuses a call may have one."""
    return message.kind != CDN.type and message.number(ASSIGNED_SESSION_ID) == 0
