"""A daemon that runs already, somewhere: it can be talked to, but not driven."""

from __future__ import annotations

from pathlib import Path

from peer.peer import Address

from .base import Place, Recipient, Target


class Running(Target):
    def __init__(self, place: Place, directory: Path, address: Address) -> None:
        super().__init__(place, directory)
        self.address = address
        self.name = str(address)

    def recipient(self, flavour: str) -> Recipient:
        self.needs(f"flavour:{flavour}")
        return Recipient(self.address, "tester.example")
