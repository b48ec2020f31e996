"""A daemon without kernel and network (l2tp_api_world_server) for each test."""

from __future__ import annotations

import os
import subprocess
import unittest


class WorldTest(unittest.TestCase):
    """Has its address, and its standard input and output in `daemon`."""

    def setUp(self) -> None:
        self.daemon = subprocess.Popen(
            [os.environ["L2TP_API_WORLD_SERVER"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.stop)
        assert self.daemon.stdout
        self.address = self.daemon.stdout.readline().strip()

    def stop(self) -> None:
        self.daemon.communicate()  # end of its standard input ends it
        self.assertEqual(self.daemon.returncode, 0)
