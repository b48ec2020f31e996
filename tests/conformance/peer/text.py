"""Messages as people read them, for the exchange that is shown when a case fails."""

from __future__ import annotations

from .catalogue import AVP_KINDS, message_name
from .wire import Avp, Data, Message, Result, WireError, decode_control, decode_data


def avp_text(avp: Avp) -> str:
    kind = AVP_KINDS.get((avp.vendor, avp.type))
    name = kind.name if kind else f"AVP {avp.vendor}/{avp.type}"
    marks = ("" if avp.m else " M=0") + (" hidden" if avp.h else "")
    marks += f" reserved={avp.reserved:x}" if avp.reserved else ""
    value = avp.value or b""
    if avp.h or kind is None or avp.length is not None:
        text = value.hex()
    elif kind.layout == "result":
        text = str(Result.decode(value))
    elif kind.layout == "text":
        text = repr(value.decode(errors="backslashreplace"))
    elif kind.layout in ("u16", "u32", "u64") and len(value) == kind.size:
        text = f"{int.from_bytes(value, 'big'):#x}"
    else:
        text = value.hex()
    return f"{name}{marks}" + (f" {text}" if text else "")


def message_text(message: Message) -> str:
    head = f"{message_name(message)} tunnel {message.tunnel_id:#x}"
    if message.session_id:
        head += f" session {message.session_id:#x}"
    head += f" Ns {message.ns} Nr {message.nr}"
    avps = "; ".join(avp_text(avp) for avp in message.avps[1:])
    trouble = f" ({message.trouble})" if message.trouble else ""
    return head + (f": {avps}" if avps else "") + trouble


def data_text(data: Data) -> str:
    numbers = "" if data.ns is None else f" Ns {data.ns}"
    return (
        f"data tunnel {data.tunnel_id:#x} session {data.session_id:#x}{numbers}: "
        f"{data.payload[:40].hex()}" + ("..." if len(data.payload) > 40 else "")
    )


def datagram_text(octets: bytes) -> str:
    try:
        if octets and octets[0] & 0x80:
            return message_text(decode_control(octets))
        return data_text(decode_data(octets))
    except WireError as error:
        return f"{len(octets)} octets ({error})"
