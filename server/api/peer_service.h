// Peers over gRPC.

#ifndef L2TP_SERVER_API_PEER_SERVICE_H_
#define L2TP_SERVER_API_PEER_SERVICE_H_

#include "l2tp/v1/peer.grpc.pb.h"
#include "server/api/call_environment.h"
#include "server/control/controller.h"

namespace l2tp::api {

class PeerService final : public v1::PeerService::CallbackService {
 public:
  // Not owned: the controller must outlive this.
  PeerService(control::Controller* controller, const CallEnvironment& calls)
      : controller_(controller), calls_(calls) {}

  grpc::ServerUnaryReactor* CreatePeer(grpc::CallbackServerContext* context,
                                       const v1::CreatePeerRequest* request,
                                       v1::Peer* response) override;
  grpc::ServerUnaryReactor* UpdatePeer(grpc::CallbackServerContext* context,
                                       const v1::UpdatePeerRequest* request,
                                       v1::Peer* response) override;
  grpc::ServerUnaryReactor* GetPeer(grpc::CallbackServerContext* context,
                                    const v1::GetPeerRequest* request, v1::Peer* response) override;
  grpc::ServerUnaryReactor* ListPeers(grpc::CallbackServerContext* context,
                                      const v1::ListPeersRequest* request,
                                      v1::ListPeersResponse* response) override;
  grpc::ServerUnaryReactor* DeletePeer(grpc::CallbackServerContext* context,
                                       const v1::DeletePeerRequest* request,
                                       google::protobuf::Empty* response) override;

  grpc::ServerUnaryReactor* DrainPeer(grpc::CallbackServerContext* context,
                                      const v1::DrainPeerRequest* request,
                                      v1::Peer* response) override;

  grpc::ServerUnaryReactor* UndrainPeer(grpc::CallbackServerContext* context,
                                        const v1::UndrainPeerRequest* request,
                                        v1::Peer* response) override;

 private:
  control::Controller* controller_;
  const CallEnvironment calls_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_PEER_SERVICE_H_
