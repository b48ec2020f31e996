// Names of what there is, for shells to complete.

#include <map>

#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"

namespace l2tp::ctl {
namespace {

using Names = std::vector<std::string>;

template <typename Items>
void AddNames(const Items& items, Names* names) {
  for (const auto& item : items) names->push_back(ShortName(item.name()));
}

}  // namespace

Names ResourceNames(Context* context, const std::string& kind) {
  context->timeout = 1;  // somebody waits for an answer to a key
  Names names;
  if (kind == "tunnel") {
    ListAll(context, &v1::TunnelService::Stub::ListTunnels, v1::ListTunnelsRequest(),
            [&](const auto& page) { AddNames(page.tunnels(), &names); });
  } else if (kind == "session") {
    v1::ListSessionsRequest request;
    request.set_parent("tunnels/-");
    ListAll(context, &v1::SessionService::Stub::ListSessions, request,
            [&](const auto& page) { AddNames(page.sessions(), &names); });
  } else if (kind == "profile") {
    ListAll(context, &v1::ProfileService::Stub::ListProfiles, v1::ListProfilesRequest(),
            [&](const auto& page) { AddNames(page.profiles(), &names); });
  } else if (kind == "pool") {
    ListAll(context, &v1::PoolService::Stub::ListPools, v1::ListPoolsRequest(),
            [&](const auto& page) { AddNames(page.pools(), &names); });
  } else if (kind == "user") {
    ListAll(context, &v1::UserService::Stub::ListUsers, v1::ListUsersRequest(),
            [&](const auto& page) { AddNames(page.users(), &names); });
  } else if (kind == "peer") {
    ListAll(context, &v1::PeerService::Stub::ListPeers, v1::ListPeersRequest(),
            [&](const auto& page) { AddNames(page.peers(), &names); });
  }
  return names;
}

}  // namespace l2tp::ctl
