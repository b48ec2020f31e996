// The daemon itself over gRPC.

#ifndef L2TP_SERVER_API_SYSTEM_SERVICE_H_
#define L2TP_SERVER_API_SYSTEM_SERVICE_H_

#include "l2tp/v1/system.grpc.pb.h"
#include "server/api/executor.h"
#include "server/control/controller.h"

namespace l2tp::api {

class SystemService final : public v1::SystemService::CallbackService {
 public:
  // Not owned: both must outlive this.
  SystemService(control::Controller* controller, Executor* executor)
      : controller_(controller), executor_(executor) {}

  grpc::ServerUnaryReactor* GetSystem(grpc::CallbackServerContext* context,
                                      const v1::GetSystemRequest* request,
                                      v1::System* response) override;

 private:
  control::Controller* controller_;
  Executor* executor_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_SYSTEM_SERVICE_H_
