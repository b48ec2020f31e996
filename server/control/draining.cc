#include "server/control/draining.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::control {

std::string WhatDrains(const Environment& env, absl::string_view peer) {
  if (env.draining) return "system";
  if (peer.empty()) return "";
  const auto found = env.resources.GetPeer(peer);
  return found.ok() && found->draining ? found->name : "";
}

std::string WhatDrains(const Environment& env, const events::TunnelInfo& tunnel) {
  return tunnel.draining ? tunnel.name : WhatDrains(env, tunnel.peer);
}

absl::Status CheckDraining(const std::string& what) {
  if (what.empty()) return absl::OkStatus();
  return MakeError(Reason::kDraining, absl::StrCat(what, " is draining: it takes nothing new"),
                   {{"name", what}});
}

}  // namespace l2tp::control
