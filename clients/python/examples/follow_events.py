#!/usr/bin/env python3
"""Keeps a picture of all tunnels and sessions and prints each change, also across restarts.

    follow_events.py [--server ADDRESS] [--name tunnels/ID]
"""

import argparse
import sys

from l2tp.v1 import event_pb2
from l2tp_client import DEFAULT_ADDRESS, ApiError, Client

KINDS = (event_pb2.Event.KIND_TUNNEL, event_pb2.Event.KIND_SESSION)
GONE = (event_pb2.Event.TYPE_TUNNEL_DELETED, event_pb2.Event.TYPE_SESSION_DELETED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=DEFAULT_ADDRESS)
    parser.add_argument("--name", default="", help="only this tunnel or session")
    options = parser.parse_args()

    known = {}
    with Client(options.server) as client:
        try:
            watch = client.watch(name=options.name, kinds=KINDS, include_initial_state=True)
            for item in watch:
                response = item.response
                if item.restarted:
                    known.clear()
                    print("events may have been missed; starting again")
                if response.HasField("initial_state"):
                    part = response.initial_state
                    resource = part.tunnel if part.HasField("tunnel") else part.session
                    known[resource.name] = resource
                elif response.HasField("synced"):
                    print(f"{len(known)} resources at revision {response.synced.revision}")
                elif response.HasField("event"):
                    event = response.event
                    resource = event.tunnel if event.HasField("tunnel") else event.session
                    known[event.name] = resource
                    if event.type in GONE:
                        del known[event.name]
                    kind = event_pb2.Event.Type.Name(event.type)[len("TYPE_") :]
                    print(f"{event.time.ToJsonString()} {kind} {event.name} ({len(known)} known)")
                sys.stdout.flush()
        except ApiError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
