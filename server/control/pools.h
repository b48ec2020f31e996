// Pools, and what each session has of them or of its user's own.

#ifndef L2TP_SERVER_CONTROL_POOLS_H_
#define L2TP_SERVER_CONTROL_POOLS_H_

#include <array>
#include <map>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/control/number_pool.h"
#include "server/control/specs.h"

namespace l2tp::control {

// A session has one lease, which is given back as a whole by its name: nothing can be given back
// twice or to another pool.
class Pools {
 public:
  // Errors: FIELD_INVALID (also for what another pool has), FIELD_REQUIRED, POOL_EXISTS,
  // POOL_NOT_FOUND, RESOURCE_IN_USE while a session has something of it.
  absl::StatusOr<Pool> Create(Pool pool, Mode mode = Mode::kDo);
  // What sessions have of it must be in it afterwards: RESOURCE_IN_USE.
  absl::StatusOr<Pool> Update(Pool pool, Mode mode = Mode::kDo);
  absl::StatusOr<Pool> Get(absl::string_view name) const;
  Page<Pool> List(const PageRequest& page, const PoolFilter& filter = {}) const;
  absl::Status Delete(absl::string_view name);
  bool Contains(absl::string_view name) const { return entries_.contains(name); }

  // What users have of their own is set aside in whatever pool it is, now or later.
  void SetAside(const User& user);
  void PutBack(const User& user);

  // Gives `session` what it does not have yet of all that `pool` has; of IPv6 only if `ipv6`. All
  // or nothing. POOL_NOT_FOUND, POOL_EXHAUSTED.
  absl::Status Lend(const std::string& session, absl::string_view pool, bool ipv6);
  // Gives `session` what `user` has of its own, in place of what it had. ResourceExhausted,
  // and nothing changes, when another session still has it, from before it became the user's.
  absl::Status Claim(const std::string& session, const User& user);
  // No-op for a session that has nothing.
  void Return(absl::string_view session);

  // nullptr: it has nothing.
  const Lease* Find(absl::string_view session) const;
  // In the order of sessions; of `pool` only, or, if it is empty, all there are. POOL_NOT_FOUND.
  absl::StatusOr<Page<Lease>> ListLeases(absl::string_view pool, const PageRequest& page) const;

 private:
  // Addresses, interface identifiers, prefixes.
  static constexpr size_t kKinds = 3;
  struct Entry {
    Pool pool;
    std::array<NumberPool, kKinds> numbers;
    std::set<std::string> sessions;  // that have something of it
  };
  static Pool View(const Entry& entry);
  absl::Status ValidateBesideOthers(const Pool& pool) const;
  // With what users and sessions have of it, now.
  Entry MakeEntry(Pool pool) const;
  // The pool that has this number; nullptr: none.
  NumberPool* PoolOf(size_t kind, uint64_t number);
  static void SetAsideIn(Entry* entry, const User& user);
  void Release(size_t kind, uint64_t number);

  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, Lease, std::less<>> leases_;                        // by session
  std::array<absl::flat_hash_map<uint64_t, std::string>, kKinds> holders_;  // number -> session
  std::map<std::string, User, std::less<>> owners_;  // users with something of their own
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_POOLS_H_
