"""The rules of proto/README.md, checked on the descriptors.

    proto_lint_test.py DESCRIPTOR_SET SOURCE_DIR
"""

import re
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2

PACKAGE = "l2tp.v1"
BEHAVIOURS = ("Required.", "Optional.", "Immutable.", "Output only.", "Input only.")
SECRETS = ("secret", "password")
STRING, INT32 = 9, 5
REPEATED = 3

# Field numbers in descriptor.proto, of which source locations are made.
MESSAGES, ENUMS, SERVICES = 4, 5, 6
FIELDS, NESTED_MESSAGES, NESTED_ENUMS, ONEOFS = 2, 3, 4, 8
VALUES = METHODS = 2


class Lint:
    def __init__(self, files):
        self.problems = []
        self.count = 0
        self.messages = {}
        for file in files:
            for message in file.message_type:
                self.messages[f".{file.package}.{message.name}"] = message
        for file in files:
            self.file(file)

    def check(self, good, where, problem):
        self.count += 1
        if not good:
            self.problems.append(f"{where}: {problem}")

    def file(self, file):
        self.name = file.name
        folder = PACKAGE.replace(".", "/")
        self.check(file.package == PACKAGE, file.name, f"package is not {PACKAGE}")
        self.check(file.name.startswith(folder + "/"), file.name, f"is not in {folder}")
        self.comments = {
            tuple(location.path): location.leading_comments.strip()
            for location in file.source_code_info.location
        }
        for i, message in enumerate(file.message_type):
            self.message(message, (MESSAGES, i), message.name)
        for i, enum in enumerate(file.enum_type):
            self.enum(enum, (ENUMS, i), enum.name)
        for i, service in enumerate(file.service):
            self.service(service, (SERVICES, i))

    def comment(self, path, where):
        text = self.comments.get(path, "")
        self.check(text, f"{self.name}: {where}", "has no comment")
        return text

    def message(self, message, path, where):
        if message.options.map_entry:
            return
        self.comment(path, where)
        self.check(re.fullmatch(r"[A-Z][A-Za-z0-9]*", message.name), where, "is not PascalCase")
        for i, field in enumerate(message.field):
            self.field(message, field, path + (FIELDS, i), f"{where}.{field.name}")
        for i, oneof in enumerate(message.oneof_decl):
            if not oneof.name.startswith("_"):  # made up for proto3 optional
                self.comment(path + (ONEOFS, i), f"{where}.{oneof.name}")
        for i, enum in enumerate(message.enum_type):
            self.enum(enum, path + (NESTED_ENUMS, i), f"{where}.{enum.name}")
        for i, nested in enumerate(message.nested_type):
            self.message(nested, path + (NESTED_MESSAGES, i), f"{where}.{nested.name}")

    def field(self, message, field, path, where):
        text = self.comment(path, where)
        self.check(text.startswith(BEHAVIOURS), where, f"does not begin with {BEHAVIOURS}")
        self.check(re.fullmatch(r"[a-z][a-z0-9_]*", field.name), where, "is not snake_case")
        if field.name in SECRETS:
            self.check(text.startswith("Input only."), where, "is a secret and not input only")
        if field.name in ("name", "parent") and message.name.endswith("Request"):
            self.check(field.type == STRING, where, "is not a string")

    def enum(self, enum, path, where):
        self.comment(path, where)
        prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
        for i, value in enumerate(enum.value):
            self.comment(path + (VALUES, i), f"{where}.{value.name}")
            self.check(value.name.startswith(prefix), where, f"{value.name} lacks {prefix}")
        first = enum.value[0]
        good = first.number == 0 and first.name == prefix + "UNSPECIFIED"
        self.check(good, where, f"0 is not {prefix}UNSPECIFIED")

    def service(self, service, path):
        self.comment(path, service.name)
        self.check(service.name.endswith("Service"), service.name, "does not end in Service")
        for i, method in enumerate(service.method):
            where = f"{service.name}.{method.name}"
            text = self.comment(path + (METHODS, i), where)
            self.check("Errors:" in text, where, "does not list its errors")
            self.method(method, where)

    def method(self, method, where):
        request = self.messages.get(method.input_type)
        named = request is not None and request.name == method.name + "Request"
        self.check(named, where, f"does not take {method.name}Request")
        fields = {field.name: field for field in request.field} if request else {}
        verb, noun = re.match(r"(Create|Get|List|Delete|)(.*)", method.name).groups()
        if verb in ("Create", "Get"):
            self.check(method.output_type == f".{PACKAGE}.{noun}", where, f"does not give {noun}")
            resource = self.messages.get(f".{PACKAGE}.{noun}")
            name = resource and resource.field and resource.field[0]
            good = name and (name.name, name.number, name.type) == ("name", 1, STRING)
            self.check(good, where, f"field 1 of {noun} is not string name")
        if verb == "Create":
            snake = re.sub(r"(?<!^)(?=[A-Z])", "_", noun).lower()
            self.check({snake, snake + "_id"} <= fields.keys(), where, f"lacks {snake}, {snake}_id")
        if verb in ("Get", "Delete"):
            self.check("name" in fields, where, "request has no name")
        if verb == "Delete":
            self.check(method.output_type == ".google.protobuf.Empty", where, "does not give Empty")
            self.check("allow_missing" in fields, where, "request has no allow_missing")
        if verb == "List":
            self.listing(method, fields, where)

    def listing(self, method, fields, where):
        types = {name: fields[name].type for name in ("page_size", "page_token") if name in fields}
        good = types == {"page_size": INT32, "page_token": STRING}
        self.check(good, where, "request lacks page_size or page_token")
        response = self.messages.get(method.output_type)
        named = response is not None and response.name == method.name + "Response"
        self.check(named, where, f"does not give {method.name}Response")
        if response is not None:
            first, second = response.field[0], response.field[1]
            self.check(first.label == REPEATED, where, "field 1 of the response is not a list")
            self.check(second.name == "next_page_token", where, "field 2 is not next_page_token")


def undocumented_reasons(source_dir):
    """Reasons of server/base/error.cc that error.proto does not list, and the other way round."""
    code = (source_dir / "server/base/error.cc").read_text()
    made = re.findall(r'return \{"([A-Z_]+)", C::', code)
    proto = (source_dir / "proto/l2tp/v1/error.proto").read_text()
    listed = re.findall(r"//   ([A-Z_]+) +[A-Z_]+", proto)
    return sorted(set(made).symmetric_difference(listed) - {"UNKNOWN"})


def main():
    descriptors = descriptor_pb2.FileDescriptorSet()
    descriptors.ParseFromString(Path(sys.argv[1]).read_bytes())
    files = [file for file in descriptors.file if not file.name.startswith("google/")]
    lint = Lint(files)
    for reason in undocumented_reasons(Path(sys.argv[2])):
        lint.problems.append(f"error.proto and server/base/error.cc do not agree on {reason}")
    for problem in lint.problems:
        print(problem)
    print(f"{lint.count} checks of {len(files)} files, {len(lint.problems)} problems")
    return 1 if lint.problems or lint.count < 500 else 0


if __name__ == "__main__":
    sys.exit(main())
