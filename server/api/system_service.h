// The daemon itself over gRPC.

#ifndef L2TP_SERVER_API_SYSTEM_SERVICE_H_
#define L2TP_SERVER_API_SYSTEM_SERVICE_H_

#include "l2tp/v1/system.grpc.pb.h"
#include "server/api/call_environment.h"
#include "server/control/controller.h"

namespace l2tp::api {

class SystemService final : public v1::SystemService::CallbackService {
 public:
  // Not owned: the controller must outlive this.
  SystemService(control::Controller* controller, const CallEnvironment& calls)
      : controller_(controller), calls_(calls) {}

  grpc::ServerUnaryReactor* GetSystem(grpc::CallbackServerContext* context,
                                      const v1::GetSystemRequest* request,
                                      v1::System* response) override;

  grpc::ServerUnaryReactor* DrainSystem(grpc::CallbackServerContext* context,
                                        const v1::DrainSystemRequest* request,
                                        v1::System* response) override;

  grpc::ServerUnaryReactor* UndrainSystem(grpc::CallbackServerContext* context,
                                          const v1::UndrainSystemRequest* request,
                                          v1::System* response) override;

 private:
  control::Controller* controller_;
  const CallEnvironment calls_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_SYSTEM_SERVICE_H_
