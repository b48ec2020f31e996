#include "server/api/system_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

// "" is the same as "system".
absl::StatusOr<std::string> ParseSystem(const std::string& name) {
  if (name.empty() || name == "system") return std::string("system");
  return InvalidField("name", absl::StrCat("\"", name, "\" is not \"system\""));
}

}  // namespace

grpc::ServerUnaryReactor* SystemService::GetSystem(grpc::CallbackServerContext* context,
                                                   const v1::GetSystemRequest* request,
                                                   v1::System* response) {
  return RunOnLoop(context, calls_, request, response, ParseSystem(request->name()),
                   [this, response](std::string& /*name*/, Reply reply) {
                     ToProto(controller_->GetSystem(), response);
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* SystemService::DrainSystem(grpc::CallbackServerContext* context,
                                                     const v1::DrainSystemRequest* request,
                                                     v1::System* response) {
  return RunMutation(
      context, calls_, request, response, ParseSystem(request->name()),
      [this, mode = ModeOf(*request)](std::string&) {
        return absl::StatusOr<control::SystemInfo>(controller_->DrainSystem(true, mode));
      });
}

grpc::ServerUnaryReactor* SystemService::UndrainSystem(grpc::CallbackServerContext* context,
                                                       const v1::UndrainSystemRequest* request,
                                                       v1::System* response) {
  return RunMutation(
      context, calls_, request, response, ParseSystem(request->name()),
      [this, mode = ModeOf(*request)](std::string&) {
        return absl::StatusOr<control::SystemInfo>(controller_->DrainSystem(false, mode));
      });
}

}  // namespace l2tp::api
