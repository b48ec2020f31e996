#include "server/api/system_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"

namespace l2tp::api {

grpc::ServerUnaryReactor* SystemService::GetSystem(grpc::CallbackServerContext* context,
                                                   const v1::GetSystemRequest* request,
                                                   v1::System* response) {
  absl::StatusOr<std::string> name = request->name();
  if (!name->empty() && *name != "system") {
    name = InvalidField("name", absl::StrCat("\"", *name, "\" is not \"system\""));
  }
  return RunOnLoop(context, calls_, request, response, std::move(name),
                   [this, response](std::string& /*name*/, Reply reply) {
                     ToProto(controller_->GetSystem(), response);
                     reply(absl::OkStatus());
                   });
}

}  // namespace l2tp::api
