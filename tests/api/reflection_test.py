"""The API as grpcurl and grpc_cli use it: they know the reflection service, and nothing of ours.

Against a daemon without kernel (l2tp_api_world_server).
"""

from __future__ import annotations

import unittest
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

import grpc
from google.protobuf import descriptor_pool, json_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from world import WorldTest

try:  # since protobuf 4.22
    from google.protobuf.message_factory import GetMessageClass
except ImportError:
    from google.protobuf.message_factory import MessageFactory

    def GetMessageClass(descriptor: Any) -> Any:
        return MessageFactory().GetPrototype(descriptor)


REFLECTION = "grpc.reflection.v1alpha"
PATIENCE = 20  # seconds

# What is needed of grpc/reflection/v1alpha/reflection.proto: fields by message, a message's name
# being the type of a field.
REFLECTION_MESSAGES = {
    "ServerReflectionRequest": [
        ("file_by_filename", 3, "string"),
        ("file_containing_symbol", 4, "string"),
        ("list_services", 7, "string"),
    ],
    "ServerReflectionResponse": [
        ("file_descriptor_response", 4, "FileDescriptorResponse"),
        ("list_services_response", 6, "ListServiceResponse"),
        ("error_response", 7, "ErrorResponse"),
    ],
    "FileDescriptorResponse": [("file_descriptor_proto", 1, "repeated bytes")],
    "ListServiceResponse": [("service", 1, "repeated ServiceResponse")],
    "ServiceResponse": [("name", 1, "string")],
    "ErrorResponse": [("error_code", 1, "int32"), ("error_message", 2, "string")],
}

SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
}


def make_file(
    package: str, messages: Dict[str, List[Tuple[str, int, str]]]
) -> FileDescriptorProto:
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field_name, number, kind in fields:
            repeated = kind.startswith("repeated ")
            kind = kind[len("repeated ") :] if repeated else kind
            field = message.field.add(name=field_name, number=number)
            field.label = (
                FieldDescriptorProto.LABEL_REPEATED
                if repeated
                else FieldDescriptorProto.LABEL_OPTIONAL
            )
            if kind in SCALARS:
                field.type = SCALARS[kind]
            else:
                field.type = FieldDescriptorProto.TYPE_MESSAGE
                field.type_name = f".{package}.{kind}"
    return file


class Server:
    """A server of which nothing is known but its address."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address)
        self.pool = descriptor_pool.DescriptorPool()
        self.files: Set[str] = set()
        pool = descriptor_pool.DescriptorPool()
        pool.Add(make_file(REFLECTION, REFLECTION_MESSAGES))
        self.request, self.response = (
            GetMessageClass(pool.FindMessageTypeByName(f"{REFLECTION}.ServerReflection{name}"))
            for name in ("Request", "Response")
        )

    def ask(self, **question: str) -> Any:
        """One question to the reflection service."""
        call = self.channel.stream_stream(
            f"/{REFLECTION}.ServerReflection/ServerReflectionInfo",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=self.response.FromString,
        )
        requests: Iterator[Any] = iter([self.request(**question)])
        (response,) = call(requests, timeout=PATIENCE)
        return response

    def services(self) -> List[str]:
        answer = self.ask(list_services="*")
        return [service.name for service in answer.list_services_response.service]

    def learn(self, **question: str) -> None:
        """Takes the file that answers the question, and what it needs, into the pool."""
        response = self.ask(**question)
        if response.HasField("error_response"):
            raise LookupError(f"{question}: {response.error_response.error_message}")
        answer = response.file_descriptor_response
        files = [FileDescriptorProto.FromString(data) for data in answer.file_descriptor_proto]
        for file in files:
            if file.name in self.files:
                continue
            self.files.add(file.name)
            for needed in file.dependency:
                if needed not in self.files:
                    self.learn(file_by_filename=needed)
            self.pool.Add(file)

    def method(self, path: str) -> Any:
        service, name = path.split("/")
        try:
            found = self.pool.FindServiceByName(service)
        except KeyError:
            self.learn(file_containing_symbol=service)
            found = self.pool.FindServiceByName(service)
        return found.methods_by_name[name]

    def message(self, name: str) -> Any:
        try:
            return GetMessageClass(self.pool.FindMessageTypeByName(name))
        except KeyError:
            self.learn(file_containing_symbol=name)
            return GetMessageClass(self.pool.FindMessageTypeByName(name))

    def call(self, path: str, body: str = "{}") -> Dict[str, Any]:
        """JSON in, JSON out: grpcurl -d BODY ADDRESS PATH."""
        method = self.method(path)
        request = json_format.Parse(body, GetMessageClass(method.input_type)())
        call = self.channel.unary_unary(
            f"/{path}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        return json_format.MessageToDict(
            call(request, timeout=PATIENCE), descriptor_pool=self.pool
        )

    def error_details(self, error: grpc.RpcError) -> List[Tuple[str, Dict[str, Any]]]:
        """Type and JSON of each detail of an error.

        Tools have google.rpc.Status and ErrorInfo built in; the API describes its own, which are
        the same number by number (l2tp/v1/error.proto).
        """
        trailers = {key: value for key, value in error.trailing_metadata()}
        status = self.message("l2tp.v1.Status").FromString(trailers["grpc-status-details-bin"])
        details = []
        for detail in status.details:
            name = detail.type_url.rsplit("/", 1)[-1]
            message = self.message(name.replace("google.rpc.", "l2tp.v1.")).FromString(detail.value)
            details.append((name, json_format.MessageToDict(message)))
        return details


class ReflectionTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = Server(self.address)
        self.addCleanup(self.server.channel.close)

    def error_of(self, path: str, body: str) -> grpc.RpcError:
        error: Optional[grpc.RpcError] = None
        try:
            self.server.call(path, body)
        except grpc.RpcError as raised:
            error = raised
        assert error is not None, f"{path} has succeeded"
        return error

    def test_all_services_are_listed_and_described(self) -> None:
        services = self.server.services()
        for name in ("Tunnel", "Session", "Profile", "Pool", "User", "Peer", "Event", "System"):
            self.assertIn(f"l2tp.v1.{name}Service", services)
        self.assertIn("grpc.health.v1.Health", services)
        for service in services:
            if service.startswith("l2tp."):
                self.server.learn(file_containing_symbol=service)
                described = self.server.pool.FindServiceByName(service)
                self.assertGreater(len(described.methods), 0, service)

    def test_what_is_not_there_is_not_described(self) -> None:
        with self.assertRaises(LookupError):
            self.server.learn(file_containing_symbol="l2tp.v1.NoSuchService")

    def test_methods_are_called_with_json(self) -> None:
        system = self.server.call("l2tp.v1.SystemService/GetSystem")
        self.assertEqual(system["state"], "STATE_RUNNING")
        tunnel = self.server.call(
            "l2tp.v1.TunnelService/CreateTunnel",
            '{"tunnel_id": "lns1", "tunnel": {"remote_ip_address": "192.0.2.2",'
            ' "labels": {"site": "ber1"}}}',
        )
        self.assertEqual(tunnel["name"], "tunnels/lns1")
        found = self.server.call(
            "l2tp.v1.TunnelService/ListTunnels", '{"filter": {"labels": {"site": "ber1"}}}'
        )
        self.assertEqual([each["name"] for each in found["tunnels"]], ["tunnels/lns1"])
        none = self.server.call(
            "l2tp.v1.TunnelService/ListTunnels", '{"filter": {"labels": {"site": "ham2"}}}'
        )
        self.assertNotIn("tunnels", none)

    def test_errors_have_details_that_can_be_read(self) -> None:
        error = self.error_of("l2tp.v1.TunnelService/GetTunnel", '{"name": "tunnels/nowhere"}')
        self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
        ((kind, info),) = self.server.error_details(error)
        self.assertEqual(kind, "google.rpc.ErrorInfo")
        self.assertEqual(info["reason"], "TUNNEL_NOT_FOUND")
        self.assertEqual(info["domain"], "l2tp-controller")
        self.assertEqual(info["metadata"], {"name": "tunnels/nowhere"})

        error = self.error_of(
            "l2tp.v1.TunnelService/CreateTunnel", '{"tunnel": {"remote_ip_address": "nonsense"}}'
        )
        ((_, info),) = self.server.error_details(error)
        self.assertEqual(info["reason"], "FIELD_INVALID")
        self.assertEqual(info["metadata"]["field"], "tunnel.remote_ip_address")


if __name__ == "__main__":
    unittest.main()
