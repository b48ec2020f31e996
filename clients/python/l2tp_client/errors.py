"""Errors of the API as exceptions."""

from __future__ import annotations

from typing import Any, Dict, Type

import grpc
from l2tp.v1 import error_pb2

_DETAILS_KEY = "grpc-status-details-bin"
_ERROR_INFO_SUFFIX = "/google.rpc.ErrorInfo"


class ApiError(Exception):
    """A call that failed.

    code: the grpc.StatusCode. reason: one of those in proto/l2tp/v1/error.proto, empty for errors
    of gRPC itself. metadata: what goes with the reason, such as "field" or "name".
    """

    def __init__(
        self, code: grpc.StatusCode, message: str, reason: str = "", metadata: Dict[str, str] = {}
    ) -> None:
        super().__init__(f"{reason or code.name}: {message}")
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata)


class NotFoundError(ApiError):
    """There is no such resource."""


class AlreadyExistsError(ApiError):
    """There is such a resource already."""


class InvalidArgumentError(ApiError):
    """The request is wrong; metadata["field"] says where."""


class UnreachableError(ApiError):
    """Nobody answers at the address."""


class WaitTimeoutError(Exception):
    """What was waited for is neither up nor gone. resource: as last seen."""

    def __init__(self, name: str, resource: Any) -> None:
        super().__init__(f"timed out waiting for {name}")
        self.resource = resource


class ClosedError(Exception):
    """What was waited for closed instead. resource.cause says why."""

    def __init__(self, name: str, resource: Any) -> None:
        cause = resource.cause
        reason = type(cause).Reason.Name(cause.reason) if resource.HasField("cause") else "unknown"
        super().__init__(f"{name} closed: {reason} {cause.message}".rstrip())
        self.resource = resource


_BY_CODE: Dict[grpc.StatusCode, Type[ApiError]] = {
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExistsError,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgumentError,
}


def decode(error: grpc.RpcError) -> ApiError:
    """The exception for a failed call."""
    code: grpc.StatusCode = error.code()
    message: str = error.details() or ""
    info = error_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key != _DETAILS_KEY:
            continue
        status = error_pb2.Status()
        status.ParseFromString(value)
        for detail in status.details:
            if detail.type_url.endswith(_ERROR_INFO_SUFFIX):
                info.ParseFromString(detail.value)
    kind = _BY_CODE.get(code, ApiError)
    if code == grpc.StatusCode.UNAVAILABLE and not info.reason:
        kind = UnreachableError
    return kind(code, message, info.reason, dict(info.metadata))
