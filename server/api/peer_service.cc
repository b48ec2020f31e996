#include "server/api/peer_service.h"

#include <array>
#include <string>
#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"
#include "server/api/update.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "peers";

// See Update().
struct PeerCalls {
  using Resource = control::Peer;
  using Message = v1::Peer;
  static constexpr char kCollection[] = "peers";
  static constexpr char kField[] = "peer";
  static constexpr std::array<Secret, 1> kSecrets{{{"secret", ""}}};
  static constexpr auto kGet = &control::Controller::GetPeer;
  static constexpr auto kCreate = &control::Controller::CreatePeer;
  static constexpr auto kUpdate = &control::Controller::UpdatePeer;
  static const v1::Peer& Of(const v1::UpdatePeerRequest& request) { return request.peer(); }
  static void SetSecrets(const control::Peer& peer, v1::Peer* message) {
    message->set_secret(peer.secret);
  }
  static void Keep(const control::Peer& /*current*/, const v1::UpdatePeerRequest& /*request*/,
                   control::Peer* /*updated*/) {}
};

}  // namespace

grpc::ServerUnaryReactor* PeerService::CreatePeer(grpc::CallbackServerContext* context,
                                                  const v1::CreatePeerRequest* request,
                                                  v1::Peer* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](control::Peer& peer) {
                       return Below("peer", controller_->CreatePeer(std::move(peer), mode));
                     });
}

grpc::ServerUnaryReactor* PeerService::UpdatePeer(grpc::CallbackServerContext* context,
                                                  const v1::UpdatePeerRequest* request,
                                                  v1::Peer* response) {
  return RunMutation(
      context, calls_, request, response, CheckUpdate<PeerCalls>(*request),
      [this, request](std::string&) { return Update<PeerCalls>(controller_, *request); });
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
  return RunOnLoop(context, calls_, request, response, ParseListing(*request, kScope),
                   [this, response](Listing<control::PeerFilter>& listing, Reply reply) {
                     FillPage(controller_->ListPeers(listing.page, listing.filter), kScope,
                              response, [&] { return response->add_peers(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* PeerService::DeletePeer(grpc::CallbackServerContext* context,
                                                  const v1::DeletePeerRequest* request,
                                                  google::protobuf::Empty* response) {
  return RunOnLoop(context, calls_, request, response, ParseDeletion("peers", *request),
                   [this, etag = request->etag()](Deletion& deletion, Reply reply) {
                     const auto found = controller_->GetPeer(deletion.name);
                     absl::Status status = found.status();
                     if (status.ok())
                       status = control::CheckEtag(deletion.name, etag, EtagText(found->version));
                     if (status.ok()) status = controller_->DeletePeer(deletion.name);
                     reply(AllowMissing(deletion.allow_missing, std::move(status)));
                   });
}

grpc::ServerUnaryReactor* PeerService::DrainPeer(grpc::CallbackServerContext* context,
                                                 const v1::DrainPeerRequest* request,
                                                 v1::Peer* response) {
  return RunMutation(context, calls_, request, response, ParseName("peers", request->name()),
                     [this, mode = ModeOf(*request)](std::string& name) {
                       return controller_->DrainPeer(name, true, mode);
                     });
}

grpc::ServerUnaryReactor* PeerService::UndrainPeer(grpc::CallbackServerContext* context,
                                                   const v1::UndrainPeerRequest* request,
                                                   v1::Peer* response) {
  return RunMutation(context, calls_, request, response, ParseName("peers", request->name()),
                     [this, mode = ModeOf(*request)](std::string& name) {
                       return controller_->DrainPeer(name, false, mode);
                     });
}

}  // namespace l2tp::api
