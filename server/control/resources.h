// Profiles, pools and peers: stored as given, looked up by name.

#ifndef L2TP_SERVER_CONTROL_RESOURCES_H_
#define L2TP_SERVER_CONTROL_RESOURCES_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/control/address_pool.h"
#include "server/control/specs.h"

namespace l2tp::control {

// One page of an ordered map from names to anything; `view` makes the item to show of a value.
template <typename Item, typename Map, typename View>
Page<Item> MakePage(const Map& map, const PageRequest& request, const View& view) {
  Page<Item> page;
  for (auto it = map.upper_bound(request.after); it != map.end(); ++it) {
    if (static_cast<int>(page.items.size()) >= request.size) {
      page.more = true;
      break;
    }
    page.items.push_back(view(it->second));
  }
  return page;
}

// Tunnels and sessions keep the profile they were made with, whatever becomes of its name.
using ProfilePtr = std::shared_ptr<const Profile>;

class Resources {
 public:
  absl::StatusOr<Profile> CreateProfile(Profile profile);
  absl::StatusOr<Profile> GetProfile(absl::string_view name) const;
  Page<Profile> ListProfiles(const PageRequest& page) const;
  absl::Status DeleteProfile(absl::string_view name);

  absl::StatusOr<Pool> CreatePool(Pool pool);
  absl::StatusOr<Pool> GetPool(absl::string_view name) const;
  Page<Pool> ListPools(const PageRequest& page) const;
  absl::Status DeletePool(absl::string_view name);

  absl::StatusOr<Peer> CreatePeer(Peer peer);
  absl::StatusOr<Peer> GetPeer(absl::string_view name) const;
  Page<Peer> ListPeers(const PageRequest& page) const;
  absl::Status DeletePeer(absl::string_view name);

  // The profile of that name, shared by all that use it; built-in defaults for "".
  // PROFILE_NOT_FOUND.
  absl::StatusOr<ProfilePtr> ResolveProfile(absl::string_view name) const;

  // Who `address` with that Host Name AVP is, admitted or denied: see Peer. nullptr: nobody we
  // know.
  const Peer* MatchPeer(const IpAddress& address, absl::string_view host_name) const;

  // An address of a pool. POOL_NOT_FOUND, POOL_EXHAUSTED.
  absl::StatusOr<IpAddress> AcquireAddress(absl::string_view pool);
  // No-op for a pool that is gone.
  void ReleaseAddress(absl::string_view pool, const IpAddress& address);

 private:
  struct PoolEntry {
    Pool pool;
    AddressPool addresses;
  };
  static Pool View(const PoolEntry& entry);

  std::map<std::string, ProfilePtr, std::less<>> profiles_;
  std::map<std::string, PoolEntry, std::less<>> pools_;
  std::map<std::string, Peer, std::less<>> peers_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_RESOURCES_H_
