// Tunnels over gRPC.

#ifndef L2TP_SERVER_API_TUNNEL_SERVICE_H_
#define L2TP_SERVER_API_TUNNEL_SERVICE_H_

#include "l2tp/v1/tunnel.grpc.pb.h"
#include "server/api/executor.h"
#include "server/api/request_ids.h"
#include "server/control/controller.h"

namespace l2tp::api {

class TunnelService final : public v1::TunnelService::CallbackService {
 public:
  // Not owned: all must outlive this.
  TunnelService(control::Controller* controller, Executor* executor, RequestIds* request_ids)
      : controller_(controller), executor_(executor), request_ids_(request_ids) {}

  grpc::ServerUnaryReactor* CreateTunnel(grpc::CallbackServerContext* context,
                                         const v1::CreateTunnelRequest* request,
                                         v1::Tunnel* response) override;
  grpc::ServerUnaryReactor* UpdateTunnel(grpc::CallbackServerContext* context,
                                         const v1::UpdateTunnelRequest* request,
                                         v1::Tunnel* response) override;
  grpc::ServerUnaryReactor* GetTunnel(grpc::CallbackServerContext* context,
                                      const v1::GetTunnelRequest* request,
                                      v1::Tunnel* response) override;
  grpc::ServerUnaryReactor* ListTunnels(grpc::CallbackServerContext* context,
                                        const v1::ListTunnelsRequest* request,
                                        v1::ListTunnelsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteTunnel(grpc::CallbackServerContext* context,
                                         const v1::DeleteTunnelRequest* request,
                                         google::protobuf::Empty* response) override;

 private:
  control::Controller* controller_;
  Executor* executor_;
  RequestIds* request_ids_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_TUNNEL_SERVICE_H_
