#include "server/api/session_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"
#include "server/control/names.h"

namespace l2tp::api {
namespace {

constexpr char kAllTunnels[] = "tunnels/-";

absl::StatusOr<control::PageRequest> ParseSessionPage(const v1::ListSessionsRequest& request) {
  if (request.parent().empty()) return MissingField("parent");
  if (request.parent() != kAllTunnels && !control::IsName("tunnels", request.parent())) {
    return InvalidField("parent", absl::StrCat("\"", request.parent(),
                                               "\" is not of the form tunnels/{id} or tunnels/-"));
  }
  return ParsePage(request.page_size(), request.page_token(), request.parent());
}

}  // namespace

grpc::ServerUnaryReactor* SessionService::CreateSession(grpc::CallbackServerContext* context,
                                                        const v1::CreateSessionRequest* request,
                                                        v1::Session* response) {
  return RunOnLoop(context, calls_, request, response, FromProto(*request),
                   [this, response](control::SessionSpec& spec, Reply reply) {
                     auto created = controller_->CreateSession(spec);
                     if (created.ok()) ToProto(*created, response);
                     reply(UnderField("session", created.status()));
                   });
}

grpc::ServerUnaryReactor* SessionService::ReportCallErrors(
    grpc::CallbackServerContext* context, const v1::ReportCallErrorsRequest* request,
    v1::Session* response) {
  return RunOnLoop(context, calls_, request, response, FromProto(*request),
                   [this, response](CallErrorReport& report, Reply reply) {
                     auto session = controller_->ReportCallErrors(report.session, report.errors);
                     if (session.ok()) ToProto(*session, response);
                     reply(session.status());
                   });
}

grpc::ServerUnaryReactor* SessionService::GetSession(grpc::CallbackServerContext* context,
                                                     const v1::GetSessionRequest* request,
                                                     v1::Session* response) {
  return RunOnLoop(context, calls_, request, response, ParseName("sessions", request->name()),
                   [this, response](std::string& name, Reply reply) {
                     controller_->GetSession(
                         name, [reply = std::move(reply),
                                response](absl::StatusOr<events::SessionInfo> session) mutable {
                           ReplyWith(session, response, std::move(reply));
                         });
                   });
}

grpc::ServerUnaryReactor* SessionService::ListSessions(grpc::CallbackServerContext* context,
                                                       const v1::ListSessionsRequest* request,
                                                       v1::ListSessionsResponse* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseSessionPage(*request),
      [this, response, parent = request->parent()](control::PageRequest& page, Reply reply) {
        auto found = controller_->ListSessions(parent == kAllTunnels ? "" : parent, page);
        if (found.ok()) {
          FillPage(*found, parent, response, [&] { return response->add_sessions(); });
        }
        reply(found.status());
      });
}

grpc::ServerUnaryReactor* SessionService::DeleteSession(grpc::CallbackServerContext* context,
                                                        const v1::DeleteSessionRequest* request,
                                                        google::protobuf::Empty* response) {
  return RunOnLoop(
      context, calls_, request, response, FromProto(*request),
      [this](Deletion& deletion, Reply reply) {
        controller_->DeleteSession(
            deletion.name, deletion.close,
            [reply = std::move(reply), missing = deletion.allow_missing](
                absl::Status status) mutable { reply(AllowMissing(missing, std::move(status))); });
      });
}

}  // namespace l2tp::api
