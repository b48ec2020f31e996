#!/usr/bin/env python3
"""Writes the seed corpus corpus/engine: scripts for engine_fuzz.cc, which says what the letters mean.

Words are separated by blanks: a letter is a step, a number an octet, 'text a text with its length in
front, and a name of MESSAGES or AVPS its number. `x` is for the first engine, `X` for the second.
"""

from __future__ import annotations

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "engine"
MESSAGES = {
    "SCCRQ": 1, "SCCRP": 2, "SCCCN": 3, "StopCCN": 4, "unassigned": 5, "HELLO": 6, "OCRQ": 7, "OCRP": 8,
    "OCCN": 9, "ICRQ": 10, "ICRP": 11, "ICCN": 12, "CDN": 14, "WEN": 15, "SLI": 16,
}  # fmt: skip
# Rows of the AVP table.
AVPS = {
    "Result_Code": 1, "Protocol_Version": 2, "Bearer_Capabilities": 4, "Tie_Breaker": 5, "Host_Name": 7,
    "Assigned_Tunnel_ID": 9, "Receive_Window_Size": 10, "Challenge": 11, "Q931_Cause_Code": 12,
    "Challenge_Response": 13, "Assigned_Session_ID": 14, "Call_Serial_Number": 15, "Bearer_Type": 18,
    "Framing_Type": 19, "Called_Number": 20, "Calling_Number": 21, "Sub_Address": 22,
    "Physical_Channel_ID": 24, "Last_Sent_LCP_CONFREQ": 26, "Proxy_Authen_Type": 28,
    "Proxy_Authen_Name": 29, "Proxy_Authen_Challenge": 30, "Proxy_Authen_ID": 31,
    "Proxy_Authen_Response": 32, "Call_Errors": 33, "ACCM": 34, "Private_Group_ID": 36,
    "Rx_Connect_Speed": 37, "Sequencing_Required": 38, "PPP_Disconnect_Cause": 39,
    "Connect_Speed_Update_Enable": 40, "Agent_Circuit_ID": 41, "Actual_Rate_Upstream": 43,
    "Access_Loop_Encapsulation": 57, "IWF_Session": 59,
}  # fmt: skip

OPEN = "o b "  # a tunnel, by the first engine
CALL = OPEN + "c 0 0xff b "  # and a call with all there is to tell, by the same
ASKED = OPEN + "C 0 0 b "  # the second is LAC
DIAL = "x 0 3 16 X 0 3 16 " + OPEN + "g 0 0x45 b "  # an outgoing call; the first is LNS
SECRET = "x 1 0 16 X 1 0 16 "
HIDDEN = "x 5 0x30 16 X 5 0x30 16 "

SCRIPTS = {
    # Lives as they should be.
    "incoming_call": CALL + "I 0 e 0 b t 61 e 0 b h 0 1 0x70 b q 0 6 0x10 b t 100",
    "incoming_call_ended_by_lns": CALL + "H 0 3 0 b Q 0 6 0 b",
    "outgoing_call": DIAL + "i 0 E 0 b h 0 1 0x70 b q 0 6 0 b",
    "outgoing_call_ended_by_lac": DIAL + "H 0 1 0x70 b Q 0 6 0 b",
    "call_of_the_tunnels_recipient": ASKED + "i 0 E 0 b h 0 1 0 b",
    "many_calls": OPEN + "c 0 1 c 0 2 C 0 4 c 0 0x0c b h 0 1 0 h 1 1 0 C 0 1 b",
    "calls_before_the_tunnel": "o c 0 1 g 0 1 c 0 1 h 0 1 0 b",
    "step_by_step": "o d D d D C 0 1 D a 0 d D d f 0 d D",
    "outgoing_step_by_step": "X 0 3 16 o d D d g 0 0x45 d A 0 D f 0 F 0 D d",
    "outgoing_path_last": "X 0 3 16 o d D d g 0 0x45 d A 0 D F 0 D f 0 d",
    "authenticated": SECRET + CALL + "h 0 1 0 b",
    "hidden": HIDDEN + CALL + "I 0 e 0 b h 0 1 0x70 b",
    "hidden_outgoing": "x 5 3 16 X 5 3 16 " + OPEN + "g 0 0x45 b h 0 1 0 b",
    "two_tunnels": CALL + "O b C 0 1 b q 1 1 0 b",
    # Refusals.
    "other_secret": "x 1 0 16 X 3 0 16 o b t 100",
    "scccn_false_response": SECRET + "o d M 2 SCCCN 1 Challenge_Response '0123456789abcdef b",
    "secret_of_one": "x 1 0 16 o b t 100",
    "secret_of_the_other": "X 1 0 16 o b t 100",
    "not_welcome": "X 0x10 0 16 o b t 100",
    "no_bearer": OPEN + "g 0 0x45 b",
    "no_framing": "X 0 0x0f 16 " + OPEN + "g 0 0x45 b",
    "call_refused": OPEN + "c 0 1 d H 0 8 0 b",
    "hangs_up_at_once": OPEN + "c 0 1 h 0 1 0 b",
    "sccrq_at_fault": "M 3 SCCRQ 1 Receive_Window_Size 0 0 b",
    # Both at once.
    "tie": "x 8 0 16 X 8 0 16 o O d D b c 0 1 C 0 1 b",
    "tie_against_none": "x 8 0 16 o O d D b",
    "no_tie_breakers": "o O d D b",
    "both_close": CALL + "q 0 6 0 Q 0 6 0 b",
    "both_hang_up": CALL + "h 0 1 0 H 0 1 0 b",
    # Loss and time.
    "all_lost_once": "o l t 1 d L t 1 D l t 1 d c 0 1 l t 1 b",
    "repeated": "o k k d K D k d b c 0 1 k k d b",
    "out_of_order": OPEN + "c 0 1 c 0 2 c 0 3 c 0 4 b c 0 1 c 0 2 c 0 3 p k p d d b",
    "window_of_one": "x 0 0 1 X 0 0 1 " + OPEN + "c 0 1 c 0 1 c 0 1 C 0 1 C 0 1 b",
    "silent_peer": CALL + "c 0 1 l t 255",
    "nobody": "o l t 255",
    "gives_up_soon": "x 0 0x40 16 X 0 0x40 16 o b c 0 1 l t 20",
    "stopccn_lost": CALL + "q 0 6 0 l t 1 l t 1 b t 100",
    "not_set_up_in_time": "x 0x80 0 16 X 0x80 0 16 o d L t 3 b",
    "hello": "x 0x20 0 16 X 0x40 0 16 " + CALL + "t 10 b t 10 b t 255",
    "hello_put_off": "x 0x20 0 16 w 1 " + OPEN + "t 20 w 2 t 20 b t 20",
    "timers_one_by_one": "o u u u u u u u u u u u u",
    # What is gone.
    "restart": CALL + "Y t 90",
    "restart_and_again": CALL + "y o b c 0 1 b t 255",
    "accept_too_late": OPEN + "C 0 1 D q 0 6 0 a 0 f 0 b",
    "commands_for_nobody": "c 0 1 g 0 1 a 0 f 0 i 0 e 0 h 0 1 0 q 0 1 0",
    # Strangers.
    "another_port": "o d V 0x90 b c 0 1 b",
    "another_address": "o d V 9 D b v 9",
    "flood": "X 0 0x80 16 Z 9 12 t 2 Z 9 12 t 2 Z 9 12 t 2 Z 9 12 t 2 Z 9 12 o b",
    "flood_of_many": "X 0 0x80 16 Z 9 3 Z 10 3 Z 11 3 t 2 Z 12 3 Z 11 3 t 2 Z 12 3 Z 13 3 t 2 Z 13 3 t 255",
    # Found: a tunnel that made room for another did not end its calls.
    "displaced_with_a_call": "X 0 0x80 16 Z 9 1 C 0 1 Z 9 5 t 2 Z 9 5 b",
    "noise": OPEN + "n 'noise N 200 12 34 56",
    "changed": "o j 0 20 255 d D d c 0 1 j 0 13 8 b",
    # Made up: to whom, the header, type, what and how many, AVPs.
    "version_2": "M 3 SCCRQ 1 Protocol_Version 2 0 b",
    "version_2_answered": "o m 2 SCCRP 1 Protocol_Version 2 0 b",
    "sccrp_without_host": "o m 2 SCCRP 0x40 b t 100",
    "sccrp_challenges": "o m 2 SCCRP 1 Challenge 'challenge b",
    "sccrp_false_response": SECRET + "o m 2 SCCRP 1 Challenge_Response '0123456789abcdef b",
    "sccrq_ties": "x 8 0 16 o m 3 SCCRQ 1 Tie_Breaker 0 0 0 0 0 0 0 1 b",
    "sccrq_loses_tie": "x 8 0 16 o m 3 SCCRQ 1 Tie_Breaker 255 255 0 0 0 0 0 1 b",
    "stopccn_of_a_stranger_to_ids": "M 3 SCCRQ 0 M 3 StopCCN 1 Assigned_Tunnel_ID 0 1 b",
    "stopccn_without_anything": CALL + "M 2 StopCCN 0x80 b t 40",
    "hello_out_of_window": OPEN + "M 0x0e 200 HELLO 0 M 10 HELLO 0 M 6 HELLO 0 M 2 HELLO 0 b",
    "unassigned_type": OPEN + "M 2 unassigned 0 b",
    "icrq_in_full": OPEN + (
        "M 2 ICRQ 9 Called_Number '1 Calling_Number '2 Sub_Address '3 Bearer_Type 0 0 0 1"
        " Physical_Channel_ID 0 0 0 7 Agent_Circuit_ID 'circuit Actual_Rate_Upstream 0 0 0 0 1 2 3 4"
        " Connect_Speed_Update_Enable Access_Loop_Encapsulation 'abc A 0 b"),  # fmt: skip
    "icrq_twice": OPEN + "M 2 ICRQ 0 M 2 ICRQ 0 b",
    "iccn_in_full": OPEN + "M 2 ICRQ 0 A 0 M 0 ICCN 9" + (
        " Proxy_Authen_Type 0 2 Proxy_Authen_Name 'alice Proxy_Authen_Challenge 'challenge"
        " Proxy_Authen_ID 0 1 Proxy_Authen_Response 'response Last_Sent_LCP_CONFREQ '5 Sequencing_Required"
        " Rx_Connect_Speed 0 0 1 0 Private_Group_ID 'group b"),  # fmt: skip
    "iccn_too_early": OPEN + "M 2 ICRQ 0 M 0 ICCN 0 b",
    "ocrq_asked_too_much": "X 0 1 16 " + OPEN + "M 2 OCRQ 1 Bearer_Type 0 0 0 2 b",
    "ocrq": "X 0 3 16 " + OPEN + "M 2 OCRQ 2 Bearer_Type 0 0 0 1 Framing_Type 0 0 0 2 A 0 F 0 b",
    "icrq_without_id": OPEN + "M 2 ICRQ 0x40 b",
    "cdn_without_session_id": OPEN + "M 2 ICRQ 1 Assigned_Session_ID 0 9 M 2 CDN 1 Assigned_Session_ID 0 9 b",
    "cdn_in_full": ASKED + "m 0 CDN 2 Q931_Cause_Code 0 16 69 'busy PPP_Disconnect_Cause 0 4 1 'why b",
    "wen_sli_of_the_wrong_side": CALL + "m 0 WEN 1 Call_Errors 0 0 0 1 M 0 SLI 1 ACCM 0 0 0 0 b",
    "wen_sli_made_up": CALL + "M 0 WEN 1 Call_Errors 0 0 0 1 m 0 SLI 1 ACCM 0 0 0 0 b",
    "faults_of_a_call": CALL + "M 0 ICCN 0x40 b C 0 1 b M 0 CDN 0x80 b",
    "made_up_and_hidden": HIDDEN + OPEN + "M 0x22 ICRQ 1 Called_Number '1 A 0 M 0x20 ICCN 0 b",
    "any_avps": OPEN + "R 2 16 0x80 8 0 0 0 0 0 10 0x80 8 0 0 0 14 0 5 b",
    "hidden_without_vector": HIDDEN + OPEN + "R 2 18 0x80 8 0 0 0 0 0 10 0xc0 10 0 0 0 14 1 2 3 4 b",
}  # fmt: skip
# Every message, in every state that differs.
for state, script, side in (
    ("nothing", "", "M 3"), ("wait_reply", "o", "m 2"), ("wait_conn", "o d", "M 2"),
    ("established", OPEN, "M 2"), ("wait_path", OPEN + "c 0 1 d", "M 0"),
    ("wait_icrp", OPEN + "c 0 1", "m 0"), ("lac", CALL, "m 0"), ("lns", CALL, "M 0"),
    ("wait_ocrp", DIAL + "g 0 0x45", "m 0"), ("wait_cs_answer", DIAL + "g 0 0x45 d A 0", "M 0"),
    ("wait_occn", DIAL + "g 0 0x45 d A 0 D", "m 0"), ("wait_path_lns", DIAL + "g 0 0x45 d A 0 D F 0 D", "m 0"),
    ("outgoing_lns", DIAL, "m 0"), ("outgoing_lac", DIAL, "M 0"),
    ("closing", CALL + "Q 0 6 0", "M 2"), ("stopped", CALL + "q 0 6 0 d", "M 2"),
):  # fmt: skip
    for message in MESSAGES:
        SCRIPTS[f"{message}_in_{state}"] = f"{script} {side} {message} 0 b"


def octets(script: str) -> bytes:
    made = bytearray()
    for word in script.split():
        if word[0] == "'":
            made += bytes([len(word) - 1]) + word[1:].encode()
        elif word[0].isdigit():
            made.append(int(word, 0))
        elif len(word) == 1:
            made += word.encode()
        else:
            made.append(MESSAGES[word] if word in MESSAGES else AVPS[word])
    return bytes(made)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, script in SCRIPTS.items():
        (FOLDER / name).write_bytes(octets(script))


if __name__ == "__main__":
    main()
