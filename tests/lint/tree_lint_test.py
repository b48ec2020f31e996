"""What must not be committed: paths of one machine, and work left for later without an issue.

    tree_lint_test.py SOURCE_DIR
"""

import re
import subprocess
import sys
from pathlib import Path

# Written so that this file does not match itself.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e]/[a-z]+)/"),
    "work left for later without an issue": re.compile(r"\b(?:TOD[O](?!\(#\d+\))|FIXM[E])\b"),
    "a left-over of a merge": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}


def tracked_files(source_dir):
    """Of git, with what is about to be added; every file there is where git is not."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=source_dir, check=True, capture_output=True, text=True,
        ).stdout
        return [source_dir / name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        return [path for path in source_dir.rglob("*") if "build" not in path.parts]


def main():
    source_dir = Path(sys.argv[1])
    problems = []
    count = 0
    for path in tracked_files(source_dir):
        if not path.is_file() or path.is_symlink():
            continue
        data = path.read_bytes()
        if b"\0" in data or "corpus" in path.parts:
            continue
        count += 1
        text = data.decode("utf-8", errors="replace")
        for what, pattern in FORBIDDEN.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: {what}: {match.group()}")
    print(*problems, sep="\n")
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems or count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
