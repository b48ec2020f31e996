"""A daemon without kernel and network (l2tp_api_world_server) for each test."""

import os
import subprocess
import unittest

from l2tp_client import Client


class WorldTest(unittest.TestCase):
    def setUp(self) -> None:
        self.daemon = subprocess.Popen(
            [os.environ["L2TP_API_WORLD_SERVER"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.daemon.stdout
        self.address = self.daemon.stdout.readline().strip()
        self.client = Client(self.address)
        self.addCleanup(self.stop)

    def stop(self) -> None:
        self.client.close()
        self.daemon.communicate()  # end of its standard input ends it
        self.assertEqual(self.daemon.returncode, 0)
