// Sessions over gRPC.

#ifndef L2TP_SERVER_API_SESSION_SERVICE_H_
#define L2TP_SERVER_API_SESSION_SERVICE_H_

#include "l2tp/v1/session.grpc.pb.h"
#include "server/api/call_environment.h"
#include "server/control/controller.h"

namespace l2tp::api {

class SessionService final : public v1::SessionService::CallbackService {
 public:
  // Not owned: the controller must outlive this.
  SessionService(control::Controller* controller, const CallEnvironment& calls)
      : controller_(controller), calls_(calls) {}

  grpc::ServerUnaryReactor* CreateSession(grpc::CallbackServerContext* context,
                                          const v1::CreateSessionRequest* request,
                                          v1::Session* response) override;
  grpc::ServerUnaryReactor* UpdateSession(grpc::CallbackServerContext* context,
                                          const v1::UpdateSessionRequest* request,
                                          v1::Session* response) override;
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context,
                                       const v1::GetSessionRequest* request,
                                       v1::Session* response) override;
  grpc::ServerUnaryReactor* ListSessions(grpc::CallbackServerContext* context,
                                         const v1::ListSessionsRequest* request,
                                         v1::ListSessionsResponse* response) override;
  grpc::ServerUnaryReactor* RestartSession(grpc::CallbackServerContext* context,
                                           const v1::RestartSessionRequest* request,
                                           v1::Session* response) override;
  grpc::ServerUnaryReactor* DeleteSession(grpc::CallbackServerContext* context,
                                          const v1::DeleteSessionRequest* request,
                                          google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* CloseSessions(grpc::CallbackServerContext* context,
                                          const v1::CloseSessionsRequest* request,
                                          v1::CloseSessionsResponse* response) override;
  grpc::ServerUnaryReactor* ReportCallErrors(grpc::CallbackServerContext* context,
                                             const v1::ReportCallErrorsRequest* request,
                                             v1::Session* response) override;

 private:
  control::Controller* controller_;
  const CallEnvironment calls_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_SESSION_SERVICE_H_
