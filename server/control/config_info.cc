#include "server/control/config_info.h"

#include <memory>
#include <utility>

namespace l2tp::control {
namespace {

template <typename Resource>
events::ConfigInfo Wrap(Resource resource) {
  events::ConfigInfo info;
  info.name = resource.name;
  info.labels = resource.labels;
  info.config = std::make_shared<const Resource>(std::move(resource));
  return info;
}

}  // namespace

events::ConfigInfo MakeConfigInfo(Profile profile) {
  profile.ppp.password.clear();
  profile.ppp.radius.secret.clear();
  return Wrap(std::move(profile));
}

events::ConfigInfo MakeConfigInfo(Pool pool) { return Wrap(std::move(pool)); }

events::ConfigInfo MakeConfigInfo(User user) {
  user.password.clear();
  return Wrap(std::move(user));
}

events::ConfigInfo MakeConfigInfo(Peer peer) {
  peer.secret.clear();
  return Wrap(std::move(peer));
}

}  // namespace l2tp::control
