"""A daemon without kernel and network (l2tp_api_world_server) for each test."""

import os
import subprocess
import tempfile
import unittest

from l2tp_client import Client


class WorldTest(unittest.TestCase):
    tls = False  # True: also on TCP, at tls_address, with the files in folder

    def setUp(self) -> None:
        arguments = [os.environ["L2TP_API_WORLD_SERVER"]]
        if self.tls:
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            self.folder = folder.name
            arguments.append(self.folder)
        self.daemon = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.daemon.stdout
        self.address = self.daemon.stdout.readline().strip()
        if self.tls:
            self.tls_address = self.daemon.stdout.readline().strip()
        self.client = Client(self.address)
        self.addCleanup(self.stop)

    def stop(self) -> None:
        self.client.close()
        self.daemon.communicate()  # end of its standard input ends it
        self.assertEqual(self.daemon.returncode, 0)
