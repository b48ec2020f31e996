#include "server/control/resources.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/page.h"
#include "server/control/profile_fields.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

absl::Status NotFound(Reason reason, absl::string_view name) {
  return MakeError(reason, absl::StrCat(name, " does not exist"), {{"name", std::string(name)}});
}

absl::Status Exists(Reason reason, absl::string_view name) {
  return MakeError(reason, absl::StrCat(name, " exists already"), {{"name", std::string(name)}});
}

absl::Status InUse(absl::string_view name, absl::string_view user) {
  return MakeError(Reason::kResourceInUse, absl::StrCat(name, " is used by ", user),
                   {{"name", std::string(name)}, {"used_by", std::string(user)}});
}

}  // namespace

// ---- Profiles ----------------------------------------------------------------------------------

absl::Status Resources::CheckProfile(const Profile& profile) const {
  L2TP_RETURN_IF_ERROR(ValidateTogether(profile));
  if (!profile.ppp.pool.empty() && !pools_.Contains(profile.ppp.pool)) {
    return NotFound(Reason::kPoolNotFound, profile.ppp.pool);
  }
  return absl::OkStatus();
}

absl::StatusOr<Profile> Resources::CreateProfile(Profile profile, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(profile));
  L2TP_RETURN_IF_ERROR(InheritFromParent(profiles_, &profile));
  L2TP_RETURN_IF_ERROR(CheckProfile(profile));
  if (profiles_.contains(profile.name)) return Exists(Reason::kProfileExists, profile.name);
  profile.version = ++version_;
  if (mode == Mode::kDo) profiles_[profile.name] = std::make_shared<const Profile>(profile);
  return profile;
}

// A profile's heirs are made anew with it, parents before children; it is all or nothing.
absl::StatusOr<Profile> Resources::UpdateProfile(Profile profile, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(profile));
  if (!profiles_.contains(profile.name)) return NotFound(Reason::kProfileNotFound, profile.name);
  profile.version = ++version_;
  Profiles updated = profiles_;
  std::vector<Profile> todo = {profile};
  while (!todo.empty()) {
    Profile next = std::move(todo.back());
    todo.pop_back();
    updated[next.name] = std::make_shared<const Profile>(next);  // so that circles are seen
    absl::Status status = InheritFromParent(updated, &next);
    if (status.ok()) status = CheckProfile(next);
    if (!status.ok()) {
      if (next.name == profile.name) return status;
      return InvalidField(
          "parent",
          absl::StrCat(next.name, ", which inherits from it, would be wrong: ", status.message()));
    }
    if (next.name == profile.name) profile = next;
    for (const auto& [name, other] : profiles_) {
      if (name != profile.name && other->parent == next.name) todo.push_back(*other);
    }
    updated[next.name] = std::make_shared<const Profile>(next);
  }
  if (mode == Mode::kDo) profiles_ = std::move(updated);
  return profile;
}

absl::Status Resources::InheritFromParent(const Profiles& profiles, Profile* profile) {
  if (profile->parent.empty()) return absl::OkStatus();
  const auto parent = profiles.find(profile->parent);
  if (parent == profiles.end()) {
    return MakeError(Reason::kProfileNotFound, absl::StrCat(profile->parent, " does not exist"),
                     {{"name", profile->parent}, {"field", "parent"}});
  }
  int depth = 1;
  for (auto at = parent; !at->second->parent.empty(); at = profiles.find(at->second->parent)) {
    if (at->first == profile->name) {
      return InvalidField("parent", absl::StrCat(profile->parent, " inherits from it itself"));
    }
    ++depth;
  }
  if (depth >= kMaxProfileDepth) {
    return InvalidField(
        "parent", absl::StrCat(profile->parent, " has ", depth - 1, " parents above it; more than ",
                               kMaxProfileDepth, " profiles in a row are too many"));
  }
  Inherit(*parent->second, profile);
  return absl::OkStatus();
}

absl::StatusOr<Profile> Resources::GetProfile(absl::string_view name) const {
  const auto entry = profiles_.find(name);
  if (entry == profiles_.end()) return NotFound(Reason::kProfileNotFound, name);
  return *entry->second;
}

Page<Profile> Resources::ListProfiles(const PageRequest& page, const ProfileFilter& filter) const {
  return MakePage<Profile>(
      profiles_, page, [](const ProfilePtr& profile) { return *profile; },
      [&filter](const ProfilePtr& profile) { return filter.Matches(*profile); });
}

absl::Status Resources::DeleteProfile(absl::string_view name) {
  const auto entry = profiles_.find(name);
  if (entry == profiles_.end()) return NotFound(Reason::kProfileNotFound, name);
  for (const auto& [child_name, child] : profiles_) {
    if (child->parent == name) return InUse(name, child_name);
  }
  for (const auto& [peer_name, peer] : peers_) {
    if (peer.profile == name) return InUse(name, peer_name);
  }
  if (const std::string user = users_.AnyOfProfile(name); !user.empty()) return InUse(name, user);
  profiles_.erase(entry);
  return absl::OkStatus();
}

absl::StatusOr<ProfilePtr> Resources::ResolveProfile(absl::string_view name) const {
  if (name.empty()) return std::make_shared<const Profile>();
  const auto entry = profiles_.find(name);
  if (entry == profiles_.end()) return NotFound(Reason::kProfileNotFound, name);
  return entry->second;
}

// ---- Pools and users ---------------------------------------------------------------------------

absl::Status Resources::DeletePool(absl::string_view name) {
  for (const auto& [profile_name, profile] : profiles_) {
    if (profile->ppp.pool == name) return InUse(name, profile_name);
  }
  return pools_.Delete(name);
}

absl::StatusOr<Pool> Resources::CreatePool(Pool pool, Mode mode) {
  pool.version = ++version_;
  return pools_.Create(std::move(pool), mode);
}

absl::StatusOr<Pool> Resources::UpdatePool(Pool pool, Mode mode) {
  pool.version = ++version_;
  return pools_.Update(std::move(pool), mode);
}

absl::StatusOr<User> Resources::CreateUser(User user, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(user));
  if (!user.profile.empty() && !profiles_.contains(user.profile)) {
    return NotFound(Reason::kProfileNotFound, user.profile);
  }
  user.version = ++version_;
  L2TP_ASSIGN_OR_RETURN(User created, users_.Create(std::move(user), mode));
  if (mode == Mode::kDo) pools_.SetAside(created);
  return created;
}

absl::StatusOr<User> Resources::UpdateUser(User user, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(user));
  L2TP_ASSIGN_OR_RETURN(const User old, users_.Get(user.name));
  if (!user.profile.empty() && !profiles_.contains(user.profile)) {
    return NotFound(Reason::kProfileNotFound, user.profile);
  }
  user.version = ++version_;
  L2TP_ASSIGN_OR_RETURN(User updated, users_.Update(std::move(user), mode));
  if (mode == Mode::kDo) {
    pools_.PutBack(old);
    pools_.SetAside(updated);
  }
  return updated;
}

absl::Status Resources::DeleteUser(absl::string_view name) {
  const absl::StatusOr<User> user = users_.Get(name);
  if (!user.ok()) return user.status();
  pools_.PutBack(*user);
  return users_.Delete(name);
}

// ---- Peers -------------------------------------------------------------------------------------

absl::Status Resources::CheckPeer(const Peer& peer) const {
  L2TP_RETURN_IF_ERROR(Validate(peer));
  if (!peer.profile.empty() && !profiles_.contains(peer.profile)) {
    return NotFound(Reason::kProfileNotFound, peer.profile);
  }
  for (const auto& [name, other] : peers_) {
    if (name != peer.name) L2TP_RETURN_IF_ERROR(ValidateBeside(peer, other));
  }
  return absl::OkStatus();
}

absl::StatusOr<Peer> Resources::CreatePeer(Peer peer, Mode mode) {
  if (peers_.contains(peer.name)) return Exists(Reason::kPeerExists, peer.name);
  L2TP_RETURN_IF_ERROR(CheckPeer(peer));
  peer.version = ++version_;
  if (mode == Mode::kDo) peers_[peer.name] = peer;
  return peer;
}

absl::StatusOr<Peer> Resources::UpdatePeer(Peer peer, Mode mode) {
  const auto entry = peers_.find(peer.name);
  if (entry == peers_.end()) return NotFound(Reason::kPeerNotFound, peer.name);
  L2TP_RETURN_IF_ERROR(CheckPeer(peer));
  peer.draining = entry->second.draining;
  peer.version = ++version_;
  if (mode == Mode::kDo) entry->second = peer;
  return peer;
}

absl::StatusOr<Peer> Resources::DrainPeer(absl::string_view name, bool draining, Mode mode) {
  const auto entry = peers_.find(name);
  if (entry == peers_.end()) return NotFound(Reason::kPeerNotFound, name);
  Peer peer = entry->second;
  peer.draining = draining;
  if (mode == Mode::kDo) entry->second = peer;
  return peer;
}

absl::StatusOr<Peer> Resources::GetPeer(absl::string_view name) const {
  const auto entry = peers_.find(name);
  if (entry == peers_.end()) return NotFound(Reason::kPeerNotFound, name);
  return entry->second;
}

Page<Peer> Resources::ListPeers(const PageRequest& page, const PeerFilter& filter) const {
  return MakePage<Peer>(
      peers_, page, [](const Peer& peer) { return peer; },
      [&filter](const Peer& peer) { return filter.Matches(peer); });
}

absl::Status Resources::DeletePeer(absl::string_view name) {
  const auto entry = peers_.find(name);
  if (entry == peers_.end()) return NotFound(Reason::kPeerNotFound, name);
  peers_.erase(entry);
  return absl::OkStatus();
}

const Peer* Resources::MatchPeer(const IpAddress& address, absl::string_view host_name) const {
  // The address first: a shorter prefix is no way around a longer one.
  const Peer* best = nullptr;
  const auto length = [](const Peer& peer) {
    return std::make_tuple(peer.prefix.address.is_set(), peer.prefix.length);
  };
  // Among equals of that prefix: a denial by name, then the name, then any name.
  const auto rank = [host_name](const Peer& peer) {
    if (peer.host_name.empty()) return peer.deny ? 2 : 1;
    if (peer.host_name != host_name) return 0;
    return peer.deny ? 4 : 3;
  };
  for (const auto& [name, peer] : peers_) {
    if (!peer.prefix.Contains(address)) continue;
    if (best == nullptr || length(peer) > length(*best) ||
        (length(peer) == length(*best) && rank(peer) > rank(*best))) {
      best = &peer;
    }
  }
  return best == nullptr || rank(*best) == 0 ? nullptr : best;
}

}  // namespace l2tp::control
