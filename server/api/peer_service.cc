#include "server/api/peer_service.h"

#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "peers";

}  // namespace

grpc::ServerUnaryReactor* PeerService::CreatePeer(grpc::CallbackServerContext* context,
                                                  const v1::CreatePeerRequest* request,
                                                  v1::Peer* response) {
  return RunOnLoop(context, calls_, request, response, FromProto(*request),
                   [this, response](control::Peer& peer, Reply reply) {
                     auto created = controller_->CreatePeer(std::move(peer));
                     if (created.ok()) ToProto(*created, response);
                     reply(UnderField("peer", created.status()));
                   });
}

grpc::ServerUnaryReactor* PeerService::GetPeer(grpc::CallbackServerContext* context,
                                               const v1::GetPeerRequest* request,
                                               v1::Peer* response) {
  return RunOnLoop(context, calls_, request, response, ParseName("peers", request->name()),
                   [this, response](std::string& name, Reply reply) {
                     ReplyWith(controller_->GetPeer(name), response, std::move(reply));
                   });
}

grpc::ServerUnaryReactor* PeerService::ListPeers(grpc::CallbackServerContext* context,
                                                 const v1::ListPeersRequest* request,
                                                 v1::ListPeersResponse* response) {
  return RunOnLoop(context, calls_, request, response,
                   ParsePage(request->page_size(), request->page_token(), kScope),
                   [this, response](control::PageRequest& page, Reply reply) {
                     FillPage(controller_->ListPeers(page), kScope, response,
                              [&] { return response->add_peers(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* PeerService::DeletePeer(grpc::CallbackServerContext* context,
                                                  const v1::DeletePeerRequest* request,
                                                  google::protobuf::Empty* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseDeletion("peers", *request),
      [this](Deletion& deletion, Reply reply) {
        reply(AllowMissing(deletion.allow_missing, controller_->DeletePeer(deletion.name)));
      });
}

}  // namespace l2tp::api
