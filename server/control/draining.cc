#include "server/control/draining.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::control {
namespace {

absl::Status Draining(const std::string& what) {
  return MakeError(Reason::kDraining, absl::StrCat(what, " is draining: it takes nothing new"),
                   {{"name", what}});
}

}  // namespace

absl::Status CheckDraining(const Environment& env) {
  return env.draining ? Draining("system") : absl::OkStatus();
}

absl::Status CheckDraining(const Environment& env, const events::TunnelInfo& tunnel) {
  if (tunnel.draining) return Draining(tunnel.name);
  if (const auto peer = env.resources.GetPeer(tunnel.peer); peer.ok() && peer->draining) {
    return Draining(peer->name);
  }
  return CheckDraining(env);
}

}  // namespace l2tp::control
