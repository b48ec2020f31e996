#!/usr/bin/env python3
"""Writes the seed corpora corpus/wire_* from tests/data/l2tp-test-vectors.json."""

import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "data" / "l2tp-test-vectors.json"
DATAGRAMS = ("v2ctl", "v2ctl-bad", "v2data", "v2data-bad")


def unhide_seed(vector):
    """The input format of wire_unhide_fuzz.cc."""
    secret, random_vector, padding, value = (
        bytes.fromhex(vector.get(name, "")) for name in ("secret", "rv", "pad", "value"))
    if vector["kind"] == "hide2-badlen":
        value = bytes.fromhex(vector["out"])
    sizes = bytes([len(secret), len(random_vector), len(padding)])
    return vector["attr"].to_bytes(2, "big") + sizes + secret + random_vector + padding + value


def main():
    for vector in json.loads(VECTORS.read_text()):
        if vector["kind"] in DATAGRAMS:
            target, seed = "wire_decode", bytes.fromhex(vector["hex"])
        elif vector["kind"] in ("hide2", "hide2-badlen"):
            target, seed = "wire_unhide", unhide_seed(vector)
        else:
            continue
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / vector["id"]).write_bytes(seed)


if __name__ == "__main__":
    main()
