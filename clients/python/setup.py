"""Builds the package with the messages of the API, which are made of ../../proto."""

import pathlib
import re
import shutil
import subprocess

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent


def version() -> str:
    text = (TREE / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.search(r"project\(l2tp-controller VERSION (\S+)", text)
    if found is None:
        raise SystemExit("CMakeLists.txt says no version")
    return found[1]


class BuildWithMessages(build_py):
    """Generates l2tp.v1 and l2tp.auth.v1 beside the package."""

    def run(self) -> None:
        super().run()
        proto = TREE / "proto"
        files = sorted(str(file.relative_to(proto)) for file in proto.rglob("*.proto"))
        out = self.build_lib
        arguments = [f"-I{proto}", f"--python_out={out}", f"--pyi_out={out}"]
        plugin = shutil.which("grpc_python_plugin")
        if shutil.which("protoc") and plugin:  # Debian's: its python3-grpc-tools is too old
            services = [f"--plugin=protoc-gen-grpc={plugin}", f"--grpc_out={out}"]
            subprocess.run(["protoc", *arguments, *services, *files], check=True)
            return
        import grpc_tools
        from grpc_tools import protoc

        # Which has the messages of google.protobuf with it.
        known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
        services = [f"-I{known}", f"--grpc_python_out={out}"]
        if protoc.main(["protoc", *arguments, *services, *files]) != 0:
            raise SystemExit("the API's messages could not be generated")


setup(
    version=version(),
    packages=["l2tp_client"],
    package_data={"l2tp_client": ["py.typed"]},
    cmdclass={"build_py": BuildWithMessages},
)
