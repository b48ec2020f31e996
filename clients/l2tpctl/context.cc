#include "clients/l2tpctl/context.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/error.h"
#include "google/protobuf/struct.pb.h"
#include "grpcpp/create_channel.h"

namespace l2tp::ctl {
namespace {

int ExitCodeFor(const client::Error& error) {
  switch (error.code) {
    case grpc::StatusCode::NOT_FOUND: return kNotFound;
    case grpc::StatusCode::DEADLINE_EXCEEDED: return kTimedOut;
    // The daemon's own UNAVAILABLE has a reason; gRPC's has none.
    case grpc::StatusCode::UNAVAILABLE: return error.reason.empty() ? kUnreachable : kFailed;
    default: return kFailed;
  }
}

google::protobuf::Struct ErrorStruct(const client::Error& error) {
  google::protobuf::Struct message;
  auto& fields = *message.mutable_fields();
  fields["code"].set_string_value(client::CodeName(error.code));
  fields["reason"].set_string_value(error.reason);
  fields["message"].set_string_value(error.message);
  auto& metadata = *fields["metadata"].mutable_struct_value()->mutable_fields();
  for (const auto& [key, value] : error.metadata) metadata[key].set_string_value(value);
  return message;
}

}  // namespace

std::shared_ptr<grpc::Channel> Context::channel() {
  if (channel_ != nullptr) return channel_;
  const absl::StatusOr<client::Tls> tls = client::ReadTls(tls_files);
  if (tls.ok()) {
    channel_ = client::Connect(server, *tls);
  } else {
    err << "l2tpctl: " << std::string(tls.status().message()) << "\n";
    channel_ = grpc::CreateChannel(server, nullptr);  // on which every call fails
  }
  return channel_;
}

Context::TimePoint Context::Deadline(double seconds) const {
  const std::chrono::duration<double> allowed(timeout > 0 ? timeout : seconds);
  return std::chrono::system_clock::now() +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(allowed);
}

int Context::Fail(const grpc::Status& status) {
  const client::Error error = client::DecodeError(status);
  const int code = ExitCodeFor(error);
  if (IsForPrograms(output)) {
    err << Encode(ErrorStruct(error), output);
    return code;
  }
  err << "l2tpctl: ";
  if (code == kUnreachable) {
    err << "nobody answers at " << server << ": " << Printable(error.message) << "\n";
    return code;
  }
  err << (error.reason.empty() ? client::CodeName(error.code) : error.reason) << ": "
      << Printable(error.message);
  const std::string field = error.Metadata("field");
  if (!field.empty() && !absl::StartsWith(error.message, field)) {
    err << " (field " << Printable(field) << ")";
  }
  err << "\n";
  return code;
}

int Context::FailUsage(const absl::Status& status) {
  err << "l2tpctl: " << std::string(status.message()) << "\n";
  return kUsage;
}

void Context::Print(const google::protobuf::Message& message, const std::string& text) {
  out << (IsForPrograms(output) ? Encode(message, output) : text);
}

void Context::Print(const google::protobuf::Message& message, const Page& page) {
  Print(message, page.Render(layout));
}

}  // namespace l2tp::ctl
