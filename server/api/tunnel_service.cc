#include "server/api/tunnel_service.h"

#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "tunnels";

}  // namespace

grpc::ServerUnaryReactor* TunnelService::CreateTunnel(grpc::CallbackServerContext* context,
                                                      const v1::CreateTunnelRequest* request,
                                                      v1::Tunnel* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](control::TunnelSpec& spec) {
                       return Below("tunnel", controller_->CreateTunnel(spec, mode));
                     });
}

grpc::ServerUnaryReactor* TunnelService::UpdateTunnel(grpc::CallbackServerContext* context,
                                                      const v1::UpdateTunnelRequest* request,
                                                      v1::Tunnel* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](TunnelUpdate& asked) {
                       return Below("tunnel", controller_->UpdateTunnel(asked.name, asked.etag,
                                                                        asked.change, mode));
                     });
}

grpc::ServerUnaryReactor* TunnelService::GetTunnel(grpc::CallbackServerContext* context,
                                                   const v1::GetTunnelRequest* request,
                                                   v1::Tunnel* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseName("tunnels", request->name()),
      [this, response, closed = request->show_closed()](std::string& name, Reply reply) {
        ReplyWith(controller_->GetTunnel(name, closed), response, std::move(reply));
      });
}

grpc::ServerUnaryReactor* TunnelService::ListTunnels(grpc::CallbackServerContext* context,
                                                     const v1::ListTunnelsRequest* request,
                                                     v1::ListTunnelsResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseListing(*request, kScope),
                   [this, response](Listing<control::TunnelFilter>& listing, Reply reply) {
                     FillPage(
                         controller_->ListTunnels(listing.page, listing.filter, listing.closed),
                         kScope, response, [&] { return response->add_tunnels(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* TunnelService::DeleteTunnel(grpc::CallbackServerContext* context,
                                                      const v1::DeleteTunnelRequest* request,
                                                      google::protobuf::Empty* response) {
  return RunOnLoop(
      context, calls_, request, response, FromProto(*request),
      [this](Deletion& deletion, Reply reply) {
        controller_->DeleteTunnel(
            deletion.name, deletion.close,
            [reply = std::move(reply), missing = deletion.allow_missing](
                absl::Status status) mutable { reply(AllowMissing(missing, std::move(status))); });
      });
}

grpc::ServerUnaryReactor* TunnelService::RestartTunnel(grpc::CallbackServerContext* context,
                                                       const v1::RestartTunnelRequest* request,
                                                       v1::Tunnel* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](Restart& restart) {
                       return controller_->RestartTunnel(restart.name, restart.close, mode);
                     });
}

grpc::ServerUnaryReactor* TunnelService::DrainTunnel(grpc::CallbackServerContext* context,
                                                     const v1::DrainTunnelRequest* request,
                                                     v1::Tunnel* response) {
  return RunMutation(context, calls_, request, response, ParseName("tunnels", request->name()),
                     [this, mode = ModeOf(*request)](std::string& name) {
                       return controller_->DrainTunnel(name, true, mode);
                     });
}

grpc::ServerUnaryReactor* TunnelService::UndrainTunnel(grpc::CallbackServerContext* context,
                                                       const v1::UndrainTunnelRequest* request,
                                                       v1::Tunnel* response) {
  return RunMutation(context, calls_, request, response, ParseName("tunnels", request->name()),
                     [this, mode = ModeOf(*request)](std::string& name) {
                       return controller_->DrainTunnel(name, false, mode);
                     });
}

}  // namespace l2tp::api
