#!/usr/bin/env python3
"""Makes the sessions of a CSV file, and may be run again at any time: what is there already is left alone.

    provision_from_csv.py customers.csv
    provision_from_csv.py customers.csv --prune     # and deletes the sessions of these tunnels that it does not have

The file has a line of headings: tunnel, session, user, password, and optionally profile. Example:

    tunnel,session,user,password,profile
    lns1,alice,alice@example.net,open sesame,home

Sessions are made persistent. Says what it did; the status is 1 when something could not be done.
"""

import argparse
import csv
import sys
import time
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, NamedTuple, Set, TypeVar

from l2tp_client import DEFAULT_ADDRESS, AlreadyExistsError, ApiError, Client, UnreachableError

LONGEST_PAUSE = 30.0  # seconds
Result = TypeVar("Result")


class Row(NamedTuple):
    tunnel: str
    session: str
    user: str
    password: str
    profile: str = ""

    @property
    def parent(self) -> str:
        return f"tunnels/{self.tunnel}"

    @property
    def name(self) -> str:
        return f"{self.parent}/sessions/{self.session}"


def read(path: Path) -> Iterator[Row]:
    with path.open(newline="") as file:
        reader = csv.DictReader(file, strict=True)
        for record in reader:
            try:
                row = Row(**{key: value or "" for key, value in record.items()})
            except TypeError as error:
                raise ValueError(f"{path}: {error}") from None
            if not row.tunnel or not row.session:
                raise ValueError(f"{path}:{reader.line_num}: tunnel or session is missing")
            yield row


def create(client: Client, row: Row) -> bool:
    """False when it is there already."""
    try:
        client.create_session(
            row.parent,
            session_id=row.session,
            user=row.user,
            password=row.password,
            profile=f"profiles/{row.profile}" if row.profile else "",
            persistent=True,
        )
    except AlreadyExistsError as error:
        if error.reason != "SESSION_EXISTS" or client.get_session(row.name).user != row.user:
            raise
        return False
    return True


def prune(client: Client, parent: str, wanted: Set[str]) -> int:
    """How many were deleted."""
    superfluous = [each.name for each in client.list_sessions(parent) if each.name not in wanted]
    for name in superfluous:
        client.delete_session(name, allow_missing=True)
    return len(superfluous)


def patiently(patience: float, step: Callable[[], Result]) -> Result:
    """Does `step` again when nobody answers, for so many seconds.

    A call whose answer is lost may have been done all the same. Each step above can be done twice.
    """
    pause, deadline = 0.2, time.monotonic() + patience
    while True:
        try:
            return step()
        except UnreachableError:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--server", default=DEFAULT_ADDRESS)
    parser.add_argument("--prune", action="store_true", help="delete what the file does not have")
    parser.add_argument(
        "--patience", type=float, default=60, help="seconds to try again while nobody answers"
    )
    options = parser.parse_args()
    try:
        rows = list(read(options.file))
    except (OSError, ValueError, csv.Error) as error:
        print(error, file=sys.stderr)
        return 1
    created = present = deleted = failed = 0
    with Client(options.server) as client:
        for row in rows:
            try:
                if patiently(options.patience, partial(create, client, row)):
                    created += 1
                else:
                    present += 1
            except UnreachableError as error:
                print(f"given up at {row.name}: {error}", file=sys.stderr)
                return 1
            except ApiError as error:
                print(f"{row.name}: {error}", file=sys.stderr)
                failed += 1
        wanted = {row.name for row in rows}
        for parent in sorted({row.parent for row in rows}) if options.prune else ():
            try:
                deleted += patiently(options.patience, partial(prune, client, parent, wanted))
            except ApiError as error:
                print(f"{parent}: {error}", file=sys.stderr)
                failed += 1
    print(f"created {created}, already there {present}, deleted {deleted}, failed {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
