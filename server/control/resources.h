// Profiles, pools, users and peers: stored as given, looked up by name.

#ifndef L2TP_SERVER_CONTROL_RESOURCES_H_
#define L2TP_SERVER_CONTROL_RESOURCES_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/control/pools.h"
#include "server/control/specs.h"
#include "server/control/users.h"
#include "server/events/event.h"
#include "server/events/subscription.h"

namespace l2tp::control {

// Tunnels and sessions keep the profile they were made with, whatever becomes of its name.
using ProfilePtr = std::shared_ptr<const Profile>;

// So many profiles may inherit from each other in a row.
inline constexpr int kMaxProfileDepth = 8;

// Create and Update give every resource a version of its own, whatever `version` was given. Update
// takes the whole resource, and gives *_NOT_FOUND when there is none of that name.
class Resources {
 public:
  // Tells of every change from now on, after it was made. `before`: the labels before an update.
  using Tell = std::function<void(events::EventType, events::ConfigInfo, events::Labels before)>;
  void OnChange(Tell tell) { tell_ = std::move(tell); }

  // Everything that matches: pools, then the profiles that refer to them, then users, then peers.
  std::vector<events::ConfigInfo> All(const events::Filter& filter) const;

  // Versions begin after this. They are never told twice if it differs in every run.
  void set_version(uint64_t version) { version_ = version; }

  // Inherits what it does not set itself.
  absl::StatusOr<Profile> CreateProfile(Profile profile, Mode mode = Mode::kDo);
  // And so do those that inherit from it; FIELD_INVALID when one of them would not be valid. They
  // are updated with it, but their versions, which are those of what is their own, stay.
  absl::StatusOr<Profile> UpdateProfile(Profile profile, Mode mode = Mode::kDo);
  absl::StatusOr<Profile> GetProfile(absl::string_view name) const;
  Page<Profile> ListProfiles(const PageRequest& page, const ProfileFilter& filter = {}) const;
  absl::Status DeleteProfile(absl::string_view name);

  absl::StatusOr<Pool> CreatePool(Pool pool, Mode mode = Mode::kDo);
  absl::StatusOr<Pool> UpdatePool(Pool pool, Mode mode = Mode::kDo);
  absl::Status DeletePool(absl::string_view name);
  // Everything else about pools.
  Pools& pools() { return pools_; }
  const Pools& pools() const { return pools_; }

  absl::StatusOr<User> CreateUser(User user, Mode mode = Mode::kDo);
  absl::StatusOr<User> UpdateUser(User user, Mode mode = Mode::kDo);
  absl::Status DeleteUser(absl::string_view name);
  // Everything else about users.
  Users& users() { return users_; }
  const Users& users() const { return users_; }

  absl::StatusOr<Peer> CreatePeer(Peer peer, Mode mode = Mode::kDo);
  absl::StatusOr<Peer> UpdatePeer(Peer peer, Mode mode = Mode::kDo);
  absl::StatusOr<Peer> GetPeer(absl::string_view name) const;
  Page<Peer> ListPeers(const PageRequest& page, const PeerFilter& filter = {}) const;
  absl::Status DeletePeer(absl::string_view name);
  // No change of what is configured: the version stays.
  absl::StatusOr<Peer> DrainPeer(absl::string_view name, bool draining, Mode mode = Mode::kDo);

  // The profile of that name, shared by all that use it; built-in defaults for "".
  // PROFILE_NOT_FOUND.
  absl::StatusOr<ProfilePtr> ResolveProfile(absl::string_view name) const;

  // Who `address` with that Host Name AVP is, admitted or denied: see Peer. nullptr: nobody we
  // know.
  const Peer* MatchPeer(const IpAddress& address, absl::string_view host_name) const;

 private:
  // `profiles` is where parents are looked for.
  using Profiles = std::map<std::string, ProfilePtr, std::less<>>;
  static absl::Status InheritFromParent(const Profiles& profiles, Profile* profile);
  absl::Status CheckProfile(const Profile& profile) const;
  absl::Status CheckPeer(const Peer& peer) const;

  template <typename Resource>
  void Told(events::EventType type, const Resource& resource, events::Labels before = {}) const;

  Tell tell_ = [](events::EventType, events::ConfigInfo, events::Labels) {};
  uint64_t version_ = 0;

  Profiles profiles_;
  Pools pools_;
  Users users_;
  std::map<std::string, Peer, std::less<>> peers_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_RESOURCES_H_
