#include "server/control/resources.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/config_info.h"
#include "server/control/names.h"
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

using events::EventType;

// Adds `one` of the filter's name, or all pages of `list`.
template <typename One, typename List>
void AddMatching(const events::Filter& filter, absl::string_view collection, const One& one,
                 const List& list, std::vector<events::ConfigInfo>* out) {
  const auto add = [&](auto resource) {
    if (!filter.Matches(resource.name, resource.labels, {})) return;
    out->push_back(MakeConfigInfo(std::move(resource)));
  };
  if (!filter.name.empty()) {
    if (!IsName(collection, filter.name)) return;
    if (auto found = one(filter.name); found.ok()) add(*std::move(found));
    return;
  }
  PageRequest request{.after = "", .size = 1000};
  while (true) {
    auto page = list(request, filter.labels);
    for (auto& resource : page.items) add(std::move(resource));
    if (!page.more) return;
    request.after = page.last;
  }
}

}  // namespace

std::vector<events::ConfigInfo> Resources::All(const events::Filter& filter) const {
  std::vector<events::ConfigInfo> all;
  if (filter.Takes(events::Kind::kPool)) {
    AddMatching(
        filter, "pools", [this](const std::string& name) { return pools_.Get(name); },
        [this](const PageRequest& page, const events::Labels& labels) {
          return pools_.List(page, {.labels = labels});
        },
        &all);
  }
  if (filter.Takes(events::Kind::kProfile)) {
    AddMatching(
        filter, "profiles", [this](const std::string& name) { return GetProfile(name); },
        [this](const PageRequest& page, const events::Labels& labels) {
          return ListProfiles(page, {.labels = labels});
        },
        &all);
  }
  if (filter.Takes(events::Kind::kUser)) {
    AddMatching(
        filter, "users", [this](const std::string& name) { return users_.Get(name); },
        [this](const PageRequest& page, const events::Labels& labels) {
          return users_.List(page, {.labels = labels});
        },
        &all);
  }
  if (filter.Takes(events::Kind::kPeer)) {
    AddMatching(
        filter, "peers", [this](const std::string& name) { return GetPeer(name); },
        [this](const PageRequest& page, const events::Labels& labels) {
          return ListPeers(page, {.labels = labels});
        },
        &all);
  }
  return all;
}

template <typename Resource>
void Resources::Told(EventType type, const Resource& resource, events::Labels before) const {
  tell_(type, MakeConfigInfo(resource), std::move(before));
}

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
  if (mode == Mode::kDo) {
    profiles_[profile.name] = std::make_shared<const Profile>(profile);
    Told(EventType::kProfileCreated, profile);
  }
  return profile;
}

// A profile's heirs are made anew with it, parents before children; it is all or nothing.
absl::StatusOr<Profile> Resources::UpdateProfile(Profile profile, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(profile));
  if (!profiles_.contains(profile.name)) return NotFound(Reason::kProfileNotFound, profile.name);
  profile.version = ++version_;
  Profiles updated = profiles_;
  std::vector<std::string> changed;  // its heirs behind it
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
    changed.push_back(next.name);
  }
  if (mode == Mode::kValidateOnly) return profile;
  profiles_.swap(updated);  // `updated` is now how it was
  for (const std::string& name : changed) {
    Told(EventType::kProfileUpdated, *profiles_[name], updated[name]->labels);
  }
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
  const ProfilePtr profile = entry->second;
  profiles_.erase(entry);
  Told(EventType::kProfileDeleted, *profile);
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
  L2TP_ASSIGN_OR_RETURN(const Pool pool, pools_.Get(name));
  L2TP_RETURN_IF_ERROR(pools_.Delete(name));
  Told(EventType::kPoolDeleted, pool);
  return absl::OkStatus();
}

absl::StatusOr<Pool> Resources::CreatePool(Pool pool, Mode mode) {
  pool.version = ++version_;
  L2TP_ASSIGN_OR_RETURN(Pool created, pools_.Create(std::move(pool), mode));
  if (mode == Mode::kDo) Told(EventType::kPoolCreated, created);
  return created;
}

absl::StatusOr<Pool> Resources::UpdatePool(Pool pool, Mode mode) {
  pool.version = ++version_;
  const absl::StatusOr<Pool> old = pools_.Get(pool.name);
  L2TP_ASSIGN_OR_RETURN(Pool updated, pools_.Update(std::move(pool), mode));
  if (mode == Mode::kDo) Told(EventType::kPoolUpdated, updated, old->labels);
  return updated;
}

absl::StatusOr<User> Resources::CreateUser(User user, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(user));
  if (!user.profile.empty() && !profiles_.contains(user.profile)) {
    return NotFound(Reason::kProfileNotFound, user.profile);
  }
  user.version = ++version_;
  L2TP_ASSIGN_OR_RETURN(User created, users_.Create(std::move(user), mode));
  if (mode == Mode::kDo) {
    pools_.SetAside(created);
    Told(EventType::kUserCreated, created);
  }
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
    Told(EventType::kUserUpdated, updated, old.labels);
  }
  return updated;
}

absl::Status Resources::DeleteUser(absl::string_view name) {
  const absl::StatusOr<User> user = users_.Get(name);
  if (!user.ok()) return user.status();
  pools_.PutBack(*user);
  L2TP_RETURN_IF_ERROR(users_.Delete(name));
  Told(EventType::kUserDeleted, *user);
  return absl::OkStatus();
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
  if (mode == Mode::kDo) {
    peers_[peer.name] = peer;
    Told(EventType::kPeerCreated, peer);
  }
  return peer;
}

absl::StatusOr<Peer> Resources::UpdatePeer(Peer peer, Mode mode) {
  const auto entry = peers_.find(peer.name);
  if (entry == peers_.end()) return NotFound(Reason::kPeerNotFound, peer.name);
  L2TP_RETURN_IF_ERROR(CheckPeer(peer));
  peer.draining = entry->second.draining;
  peer.version = ++version_;
  if (mode == Mode::kDo) {
    const Peer old = std::exchange(entry->second, peer);
    Told(EventType::kPeerUpdated, peer, old.labels);
  }
  return peer;
}

absl::StatusOr<Peer> Resources::DrainPeer(absl::string_view name, bool draining, Mode mode) {
  const auto entry = peers_.find(name);
  if (entry == peers_.end()) return NotFound(Reason::kPeerNotFound, name);
  Peer peer = entry->second;
  const bool changes = peer.draining != draining;
  peer.draining = draining;
  if (mode == Mode::kDo && changes) {
    entry->second = peer;
    Told(EventType::kPeerUpdated, peer, peer.labels);
  }
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
  const Peer peer = std::move(entry->second);
  peers_.erase(entry);
  Told(EventType::kPeerDeleted, peer);
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
