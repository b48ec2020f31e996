#include "server/api/session_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/names.h"

namespace l2tp::api {
namespace {

constexpr char kAllTunnels[] = "tunnels/-";
// What the page tokens of CloseSessions are good for.
constexpr char kClosing[] = "sessions to close";

absl::StatusOr<Closing> ParseClosing(const v1::CloseSessionsRequest& request) {
  L2TP_ASSIGN_OR_RETURN(Closing closing, FromProto(request));
  L2TP_ASSIGN_OR_RETURN(const control::PageRequest page,
                        ParsePage(0, request.page_token(), kClosing));
  closing.after = page.after;
  return closing;
}

absl::StatusOr<Listing<control::SessionFilter>> ParseSessionPage(
    const v1::ListSessionsRequest& request) {
  if (request.parent().empty()) return MissingField("parent");
  if (request.parent() != kAllTunnels && !control::IsName("tunnels", request.parent())) {
    return InvalidField("parent", absl::StrCat("\"", request.parent(),
                                               "\" is not of the form tunnels/{id} or tunnels/-"));
  }
  return ParseListing(request, request.parent());
}

}  // namespace

grpc::ServerUnaryReactor* SessionService::CreateSession(grpc::CallbackServerContext* context,
                                                        const v1::CreateSessionRequest* request,
                                                        v1::Session* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](control::SessionSpec& spec) {
                       return Below("session", controller_->CreateSession(spec, mode));
                     });
}

grpc::ServerUnaryReactor* SessionService::UpdateSession(grpc::CallbackServerContext* context,
                                                        const v1::UpdateSessionRequest* request,
                                                        v1::Session* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](Relabelling& asked) {
                       return Below("session", controller_->LabelSession(asked.name, asked.etag,
                                                                         asked.labels, mode));
                     });
}

grpc::ServerUnaryReactor* SessionService::CloseSessions(grpc::CallbackServerContext* context,
                                                        const v1::CloseSessionsRequest* request,
                                                        v1::CloseSessionsResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseClosing(*request),
                   [this, response](Closing& closing, Reply reply) {
                     const control::Controller::CloseCount count = controller_->CloseSessions(
                         closing.tunnel, closing.filter, closing.close, closing.after);
                     response->set_closed_count(count.closed);
                     if (!count.last.empty()) {
                       response->set_next_page_token(MakePageToken(count.last, kClosing));
                     }
                     reply(absl::OkStatus());
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
  return RunOnLoop(
      context, calls_, request, response, ParseName("sessions", request->name()),
      [this, response, closed = request->show_closed()](std::string& name, Reply reply) {
        controller_->GetSession(
            name,
            [reply = std::move(reply),
             response](absl::StatusOr<events::SessionInfo> session) mutable {
              ReplyWith(session, response, std::move(reply));
            },
            closed);
      });
}

grpc::ServerUnaryReactor* SessionService::ListSessions(grpc::CallbackServerContext* context,
                                                       const v1::ListSessionsRequest* request,
                                                       v1::ListSessionsResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseSessionPage(*request),
                   [this, response, parent = request->parent()](
                       Listing<control::SessionFilter>& listing, Reply reply) {
                     auto found =
                         controller_->ListSessions(parent == kAllTunnels ? "" : parent,
                                                   listing.page, listing.filter, listing.closed);
                     if (found.ok()) {
                       FillPage(*found, parent, response, [&] { return response->add_sessions(); });
                     }
                     reply(found.status());
                   });
}

grpc::ServerUnaryReactor* SessionService::RestartSession(grpc::CallbackServerContext* context,
                                                         const v1::RestartSessionRequest* request,
                                                         v1::Session* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](Restart& restart) {
                       return controller_->RestartSession(restart.name, restart.close, mode);
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
