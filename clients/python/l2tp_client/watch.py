"""Events without a gap, whatever happens to the connection."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any, Iterator, Optional

import grpc
from l2tp.v1 import event_pb2, event_pb2_grpc

from .errors import ApiError, UnreachableError, decode

# Errors that say "not this request", however often it is made.
FINAL = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.FAILED_PRECONDITION,
)


@dataclass(frozen=True)
class WatchItem:
    """One response.

    restarted: events may have been missed; this response begins a new initial state, which says how
    things are now. Whatever it does not name is gone.
    """

    response: event_pb2.WatchResponse
    restarted: bool = False


class Watch:
    """Iterates over the responses of EventService.Watch; calls again whenever the stream ends.

    Ends at `deadline` (a time.monotonic() value), or when close() is called from any thread. Raises
    ApiError for errors that trying again does not cure, and, unless `insist`, for any error before
    the first response.
    """

    def __init__(
        self,
        channel: grpc.Channel,
        request: event_pb2.WatchRequest,
        *,
        deadline: Optional[float] = None,
        insist: bool = True,
        first_backoff: float = 0.1,
        most_backoff: float = 10.0,
    ) -> None:
        self._stub: Any = event_pb2_grpc.EventServiceStub(channel)  # type: ignore[no-untyped-call]
        self._request = event_pb2.WatchRequest()
        self._request.CopyFrom(request)
        self._deadline = deadline
        self._insist = insist
        self._first_backoff = first_backoff
        self._most_backoff = most_backoff
        self._closed = threading.Event()
        self._call: Any = None

    @property
    def resume_token(self) -> str:
        """Where another watch would go on; "" when only an initial state helps."""
        return self._request.resume_token

    def close(self) -> None:
        """Ends the iteration."""
        self._closed.set()
        if self._call is not None:
            self._call.cancel()

    def __iter__(self) -> Iterator[WatchItem]:
        bound = self._first_backoff
        received = restarted = False
        while not self._closed.is_set() and self._remaining() != 0:
            error: Optional[ApiError] = None
            try:
                self._call = self._stub.Watch(self._request, timeout=self._remaining())
                if self._closed.is_set():
                    self._call.cancel()
                for response in self._call:
                    received = True
                    bound = self._first_backoff
                    # In the middle of an initial state there is no token, and only another one
                    # helps.
                    self._request.resume_token = response.resume_token
                    self._request.include_initial_state = response.HasField("initial_state")
                    yield WatchItem(response, restarted)
                    restarted = False
            except grpc.RpcError as failed:
                error = decode(failed)
            finally:
                if self._call is not None:
                    self._call.cancel()
            if self._closed.is_set() or self._remaining() == 0:
                return
            if error is not None:
                if error.code in FINAL or (not received and not self._insist):
                    raise error
                if error.reason == "RESUME_TOKEN_EXPIRED":
                    self._request.resume_token = ""
                    self._request.include_initial_state = True
                    restarted = True
                    continue  # at once: the daemon is there
            if received and self._request.include_initial_state:
                restarted = True
            self._closed.wait(random.uniform(0, min(bound, self._remaining() or bound)))
            bound = min(self._most_backoff, bound * 2)

    def _remaining(self) -> Optional[float]:
        """Seconds; 0 when there are none left, None when there is no deadline."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())


def current_token(channel: grpc.Channel, timeout: float) -> str:
    """A token for "from now on"."""
    watch = Watch(
        channel, event_pb2.WatchRequest(), deadline=time.monotonic() + timeout, insist=False
    )
    for item in watch:
        watch.close()
        return item.response.resume_token
    raise UnreachableError(grpc.StatusCode.DEADLINE_EXCEEDED, "the daemon did not answer in time")
