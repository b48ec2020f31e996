// Tunnels over gRPC.

#ifndef L2TP_SERVER_API_TUNNEL_SERVICE_H_
#define L2TP_SERVER_API_TUNNEL_SERVICE_H_

#include "l2tp/v1/tunnel.grpc.pb.h"
#include "server/api/call_environment.h"
#include "server/control/controller.h"

namespace l2tp::api {

class TunnelService final : public v1::TunnelService::CallbackService {
 public:
  // Not owned: the controller must outlive this.
  TunnelService(control::Controller* controller, const CallEnvironment& calls)
      : controller_(controller), calls_(calls) {}

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

  grpc::ServerUnaryReactor* RestartTunnel(grpc::CallbackServerContext* context,
                                          const v1::RestartTunnelRequest* request,
                                          v1::Tunnel* response) override;
  grpc::ServerUnaryReactor* DrainTunnel(grpc::CallbackServerContext* context,
                                        const v1::DrainTunnelRequest* request,
                                        v1::Tunnel* response) override;

  grpc::ServerUnaryReactor* UndrainTunnel(grpc::CallbackServerContext* context,
                                          const v1::UndrainTunnelRequest* request,
                                          v1::Tunnel* response) override;

 private:
  control::Controller* controller_;
  const CallEnvironment calls_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_TUNNEL_SERVICE_H_
