#!/usr/bin/env python3
"""Posts events to a web server as JSON lines, none twice and none left out, across restarts.

    events_to_webhook.py URL --state FILE [--server ADDRESS]

Each POST has an event, or the whole initial state, a line each, and a header "L2tp-Resume-Token". When
it is answered with 2xx the token is written to FILE; a POST that failed is made again with the same
events, so that who keeps the last token it has seen can tell a repetition.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import List

from google.protobuf import json_format
from l2tp_client import DEFAULT_ADDRESS, ApiError, Client

LONGEST_PAUSE = 30.0  # seconds


def post(url: str, lines: List[str], token: str) -> None:
    """Until it is taken."""
    pause = 0.5
    body = "".join(line + "\n" for line in lines).encode()
    headers = {"Content-Type": "application/x-ndjson", "L2tp-Resume-Token": token}
    while True:
        try:
            request = urllib.request.Request(url, data=body, headers=headers, method="POST")
            with urllib.request.urlopen(request, timeout=30):
                return
        except (urllib.error.URLError, OSError) as error:
            print(f"{url}: {error}", file=sys.stderr)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def keep(path: Path, token: str) -> None:
    """The old one stays until the new one is there as a whole."""
    new = path.with_name(path.name + ".new")
    new.write_text(token + "\n")
    new.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--state", type=Path, required=True, help="where the token is kept")
    parser.add_argument("--server", default=DEFAULT_ADDRESS)
    options = parser.parse_args()
    token = options.state.read_text().strip() if options.state.exists() else ""
    lines: List[str] = []
    with Client(options.server) as client:
        try:
            # Without a token everything there is comes first.
            watch = client.watch(resume_token=token, include_initial_state=not token)
            for item in watch:
                response = item.response
                kind = response.WhichOneof("item")
                if kind in ("event", "initial_state"):
                    told = getattr(response, kind)
                    line = json_format.MessageToDict(told, preserving_proto_field_name=True)
                    line["kind"] = kind
                    line["restarted"] = item.restarted
                    lines.append(json.dumps(line, sort_keys=True))
                if not response.resume_token:
                    continue  # in the middle of the initial state
                if lines:
                    post(options.url, lines, response.resume_token)
                    lines = []
                keep(options.state, response.resume_token)
        except ApiError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
