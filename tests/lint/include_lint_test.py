"""Who may include whom under server/, as the README of each folder says.

    include_lint_test.py SOURCE_DIR
"""

import re
import sys
from pathlib import Path

PORTS = ("server/control/ports.h", "server/control/ppp_exit.h", "server/events/resources.h")

# Folder -> folders and headers of ours it may include, besides itself.
RULES = {
    "base": (),
    "wire": ("server/base/",),
    "protocol": ("server/wire/", "server/base/"),
    "events": ("server/wire/", "server/base/"),
    "history": ("server/events/", "server/wire/", "server/base/"),
    "control": ("server/protocol/", "server/events/", "server/wire/", "server/base/"),
    "net": ("server/base/", *PORTS),
    "kernel": ("server/base/", *PORTS),
    "ppp": ("server/base/", "plugin/plugin_protocol.h", "plugin/zygote_protocol.h", *PORTS),
    "store": ("server/base/", *PORTS),
    "auth": ("server/base/", "l2tp/auth/v1/", *PORTS),
    "config": ("server/control/", "server/base/"),
    "api": ("server/control/", "server/events/", "server/history/", "server/base/", "l2tp/v1/"),
    "metrics": ("server/control/", "server/events/", "server/history/", "server/base/"),
    "main": ("server/",),
}

# Headers of others -> the only folders that may have them.
KEPT_TO = {
    r"(google/protobuf|grpcpp|grpc|l2tp/v1|l2tp/auth/v1)/": {"api", "auth"},
    r"netlink/": {"kernel"},
    r"yaml-cpp/": {"config"},
    r"asio[./]": {"net", "ppp", "api", "metrics", "main"},
    r"spdlog/": {"history", "net", "kernel", "ppp", "auth", "api", "metrics", "main"},
    r"prometheus/": {"metrics", "main"},
    # No clock, thread or socket where the protocol and the resources live.
    r"(chrono|thread|ctime|time\.h|random|sys/.*|netinet/.*|unistd\.h|poll\.h)$": {
        "base", "events", "history", "net", "kernel", "ppp", "config", "api", "auth", "main", "metrics",
        "store",
    },
}


def problems_of(path, folder, text):
    test = path.name.endswith("_test.cc") or path.name.startswith("test_")
    for quote, header in re.findall(r'^#include (["<])([^">]+)[">]', text, re.MULTILINE):
        ours = header.startswith(("server/", "plugin/", "tests/", "clients/", "l2tp/"))
        allowed = (f"server/{folder}/", *RULES[folder])
        if test:
            allowed += ("tests/", "plugin/", *PORTS)
        if quote == '"' and ours and not header.startswith(allowed):
            yield f"{path}: {folder} may not include {header}"
        if test:
            continue
        for pattern, folders in KEPT_TO.items():
            if re.match(pattern, header) and folder not in folders:
                yield f"{path}: {header} is kept to {', '.join(sorted(folders))}"


def main():
    server = Path(sys.argv[1]) / "server"
    problems = []
    count = 0
    for folder in sorted(path for path in server.iterdir() if path.is_dir()):
        sources = sorted([*folder.glob("**/*.h"), *folder.glob("**/*.cc")])
        if not sources:
            continue
        readme = folder / "README.md"
        if not readme.exists() or "**May include:**" not in readme.read_text():
            problems.append(f"{readme}: does not say what the folder may include")
        if folder.name not in RULES:
            problems.append(f"{folder}: has no rule in {Path(__file__).name}")
            continue
        for source in sources:
            count += 1
            problems += problems_of(source, folder.name, source.read_text())
    print(*problems, sep="\n")
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems or count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
