"""What documents say about the code, as far as a program can check it.

    docs_lint_test.py SOURCE_DIR [FOLDER_OF_PROGRAMS]

- The `l2tpctl` commands of README.md are those of scripts/demo-scene. Compared without quotes,
  comments, a trailing `&`, redirections, the wrappers lnsctl and lacctl, `--server ADDRESS`, and
  "$work/".
- Links in *.md to files of the tree, and to headings of *.md, lead somewhere.
- Every Reason of server/base/error.h is in docs/api.md, every CloseReason and every type of event
  in docs/operation.md.
- Lines of README.md, CHANGELOG.md, CONTRIBUTING.md and docs/*.md have 120 columns at most, tables
  excepted.
- With the programs: the daemon accepts every block ```yaml config of any document, and l2tpctl has
  every command and option that a block ```sh names. They are l2tp-controller and l2tpctl of
  FOLDER_OF_PROGRAMS, or what the environment's L2TP_CONTROLLER and L2TPCTL name; without them this
  part is skipped.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

MAX_COLUMNS = 120


def documents(source_dir):
    skipped = {"build", ".git", "node_modules"}
    for path in sorted(source_dir.rglob("*.md")):
        if not skipped.intersection(path.relative_to(source_dir).parts):
            yield path


def blocks(text, kind):
    """The fenced blocks of a kind; "sh", "yaml config"."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text):
    """The l2tpctl commands of a shell text, each a list of words, up to a pipe."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        match = re.match(r"\s*(?:l2tpctl|lnsctl|lacctl|\"\$build/bin/l2tpctl\") (.*)", line)
        if not match:
            continue
        words = []
        rest = match.group(1).replace("$work/", "")
        lexer = shlex.shlex(rest, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        try:
            tokens = list(lexer)
        except ValueError:  # a quote that goes on in the next line, behind a pipe
            tokens = rest.split("|")[0].split()
        for token in tokens:
            if re.fullmatch(r"[|&;<>]+", token):
                # The descriptor of a redirection: 2>/dev/null.
                if token.startswith(">") and words and words[-1].isdigit():
                    words.pop()
                break
            words.append(token)
        if words[:1] == ["--server"]:
            words = words[2:]
        found.append(words)
    return found


def check_example(source_dir):
    shown = [c for b in blocks((source_dir / "README.md").read_text(), "sh") for c in commands(b)]
    run = commands((source_dir / "scripts/demo-scene").read_text())
    if len(shown) < 6:
        yield f"README.md: shows {len(shown)} commands of l2tpctl only"
    for command in shown:
        if command not in run:
            yield f"README.md: scripts/demo-scene does not run: l2tpctl {' '.join(command)}"


def anchors(text):
    """What headings are called in links, as GitHub does it."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def check_links(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = path.parent / file if file else path
        if not linked.exists():
            yield f"{path}: there is no {target}"
        elif anchor and linked.suffix == ".md" and anchor not in anchors(linked.read_text()):
            yield f"{path}: there is no heading {target}"


def enumerators(header, enum):
    """k-names of an enum class in upper case: kPppPeerDead -> PPP_PEER_DEAD."""
    body = re.search(rf"^enum class {enum} {{(.*?)^}};", header, re.MULTILINE | re.DOTALL).group(1)
    names = re.findall(r"^\s*k(\w+),", body, re.MULTILINE)
    return [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper() for name in names]


def check_metrics(source_dir):
    page = (source_dir / "docs/monitoring.md").read_text()
    code = "".join(file.read_text() for file in (source_dir / "server/metrics").glob("*.cc"))
    made = set(re.findall(r'"(l2tp_[a-z_]+)"', code))
    explained = set(re.findall(r"^\| `(l2tp_[a-z_]+)`", page, re.MULTILINE))
    for name in sorted(made.symmetric_difference(explained)):
        yield f"docs/monitoring.md and server/metrics do not agree on {name}"
    if len(made) < 20:
        yield "server/metrics: metrics cannot be read"


def check_names(source_dir):
    for header, enum, document in (
        ("server/base/error.h", "Reason", "docs/api.md"),
        ("server/events/resources.h", "CloseReason", "docs/operation.md"),
        ("server/events/event.h", "EventType", "docs/operation.md"),
    ):
        names = enumerators((source_dir / header).read_text(), enum)
        if len(names) < 10:
            yield f"{header}: {enum} cannot be read"
        text = (source_dir / document).read_text()
        for name in names:
            if name != "NONE" and f"`{name}`" not in text:
                yield f"{document}: does not explain `{name}` of {header}"


def check_width(source_dir):
    files = [source_dir / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    for path in (*files, *sorted((source_dir / "docs").glob("*.md"))):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > MAX_COLUMNS and not line.startswith("|"):
                yield f"{path}:{number}: {len(line)} columns"


def check_config(path, text, daemon):
    """What the daemon says about a configuration; files it names are made beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in re.findall(r"(?:secret|password)_file: *(\S+)", text):
            file = Path(folder, name)
            file.touch(mode=0o600)
            file.write_text("no-secret")
        config = Path(folder, "config.yaml")
        config.write_text(text)
        result = subprocess.run(
            [daemon, "--config", config, "--check-config"],
            capture_output=True, text=True, timeout=20, check=False,
        )
    if result.returncode != 0:
        yield f"{path}: the daemon refuses a configuration: {result.stderr.strip()}"


class Help:
    """The options of l2tpctl's commands, asked of itself once each."""

    def __init__(self, program):
        self.program = program
        self.known = {}

    def options(self, command):
        if command not in self.known:
            result = subprocess.run(
                [self.program, *command, "--help"],
                capture_output=True, text=True, timeout=20, check=False,
            )
            options = set(re.findall(r"--?[a-z][a-z-]*", result.stdout))
            self.known[command] = options if result.returncode == 0 else None
        return self.known[command]


def check_command(path, words, help_of):
    command = []
    options = set(help_of.options(()))
    skip = False
    for word in words:
        if skip or word.startswith("-"):
            # Of the global options, these take a value.
            skip = not skip and not command and word in ("--server", "--timeout")
        elif len(command) < 2 and command not in (["watch"], ["completion"]):
            command.append(word)
    if not command or command[0].isupper():  # l2tpctl COMMAND --help
        return
    own = help_of.options(tuple(command))
    if own is None:
        yield f"{path}: there is no command l2tpctl {' '.join(command)}"
        return
    for word in words:
        if word.startswith("-") and word != "-" and word not in options | own:
            yield f"{path}: l2tpctl {' '.join(command)} has no option {word}"


def program(name, variable):
    named = os.environ.get(variable)
    if named:
        return named
    built = Path(sys.argv[2], name) if len(sys.argv) > 2 else None
    return str(built) if built and built.exists() else None


def main():
    source_dir = Path(sys.argv[1]).resolve()
    daemon = program("l2tp-controller", "L2TP_CONTROLLER")
    l2tpctl = program("l2tpctl", "L2TPCTL")
    problems = [*check_example(source_dir), *check_names(source_dir), *check_width(source_dir)]
    problems += check_metrics(source_dir)
    count = configs = 0
    help_of = Help(l2tpctl)
    for path in documents(source_dir):
        count += 1
        text = path.read_text()
        problems += check_links(path)
        for block in blocks(text, "yaml config") if daemon else ():
            configs += 1
            problems += check_config(path, block, daemon)
        for block in blocks(text, "sh") if l2tpctl else ():
            for words in commands(block):
                problems += check_command(path, words, help_of)
    if daemon and configs < 2:
        problems.append(f"{configs} configurations found in documents; there should be more")
    print(*problems, sep="\n")
    if not daemon:
        print("skipped: configurations, since there is no l2tp-controller")
    if not l2tpctl:
        print("skipped: options, since there is no l2tpctl")
    print(f"{count} documents, {configs} configurations, {len(problems)} problems")
    return 1 if problems or count < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
