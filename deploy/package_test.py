"""What `cpack -G DEB` and `pip install` make of the tree, unpacked and used.

    package_test.py BUILD_FOLDER
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TREE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(sys.argv.pop(1)).resolve()

USE_CLIENT = """
import sys
import l2tp_client
from l2tp.auth.v1 import authenticator_pb2_grpc

where = [module.__file__ for module in (l2tp_client, authenticator_pb2_grpc)]
assert all(file.startswith(sys.argv[1]) for file in where), where
try:
    l2tp_client.Client("127.0.0.1:1", timeout=1).get_system()
except l2tp_client.UnreachableError:
    print("asked")
"""


def run(*command: str | pathlib.Path, **environment: str) -> str:
    result = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


class PackageTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def use_client(self, root: pathlib.Path) -> None:
        said = run(sys.executable, "-c", USE_CLIENT, root, PYTHONPATH=str(root))
        self.assertEqual(said, "asked\n")

    def test_debian_packages_have_what_runs(self) -> None:
        run("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", self.folder)
        packages = {file.name.split("_")[0]: file for file in self.folder.glob("*.deb")}
        self.assertEqual(set(packages), {"l2tp-controller", "l2tpctl", "python3-l2tp-client"})
        root = self.folder / "root"
        for file in packages.values():
            run("dpkg-deb", "--extract", file, root)

        config = root / "etc/l2tp-controller/l2tp-controller.yaml"
        self.assertEqual(config.stat().st_mode & 0o777, 0o640)
        run(root / "usr/sbin/l2tp-controller", "--check-config", "--config", config)
        self.assertIn("tunnel", run(root / "usr/bin/l2tpctl", "--help"))
        self.use_client(root / "usr/lib/python3/dist-packages")

        daemon = packages["l2tp-controller"]
        self.assertIn("ppp", run("dpkg-deb", "--field", daemon, "Depends").split(", "))
        control = self.folder / "control"
        run("dpkg-deb", "--control", daemon, control)
        self.assertEqual(
            (control / "conffiles").read_text(), "/etc/l2tp-controller/l2tp-controller.yaml\n"
        )
        for script in ("postinst", "prerm", "postrm"):
            self.assertTrue(os.access(control / script, os.X_OK))
            run("sh", "-n", control / script)

    def test_pip_installs_the_python_client_from_the_tree(self) -> None:
        # A copy: the build leaves files beside the sources.
        tree = self.folder / "tree"
        for part in ("clients/python", "proto"):
            shutil.copytree(TREE / part, tree / part)
        shutil.copy(TREE / "CMakeLists.txt", tree)
        options = ("--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check")
        root = self.folder / "root"
        run(
            sys.executable, "-m", "pip", "install", *options, "--target", root,
            tree / "clients/python",
        )
        self.use_client(root)


if __name__ == "__main__":
    unittest.main()
