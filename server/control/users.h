// Users: who may log in to us, found by what they call themselves; and in which sessions they are.

#ifndef L2TP_SERVER_CONTROL_USERS_H_
#define L2TP_SERVER_CONTROL_USERS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/endpoint.h"
#include "server/control/specs.h"

namespace l2tp::control {

class Users {
 public:
  // Errors: FIELD_INVALID (also for a login or an address that another user has), FIELD_REQUIRED,
  // USER_EXISTS, USER_NOT_FOUND.
  absl::StatusOr<User> Create(User user, Mode mode = Mode::kDo);
  // Sessions of the user live on.
  absl::StatusOr<User> Update(User user, Mode mode = Mode::kDo);
  absl::StatusOr<User> Get(absl::string_view name) const;
  Page<User> List(const PageRequest& page, const UserFilter& filter = {}) const;
  // Sessions of the user live on, and still count if it is created again.
  absl::Status Delete(absl::string_view name);

  // Who `login` is in sessions with `profile`: a user for that profile only goes before one for
  // any. nullptr: nobody; `*elsewhere` then says whether it is somebody with another profile.
  // `login` is spelt as pppd does.
  const User* Find(absl::string_view login, absl::string_view profile, bool* elsewhere) const;
  const User* Find(absl::string_view name) const;
  // A user that restricts itself to `profile`; "" if there is none.
  std::string AnyOfProfile(absl::string_view profile) const;
  // Whether some user has an address of its own.
  bool any_with_address() const { return with_address_ > 0; }

  // A session is the user's from Enter() to Leave().
  void Enter(const std::string& name) { ++session_counts_[name]; }
  void Leave(const std::string& name);
  int SessionCount(absl::string_view name) const;

 private:
  User View(const User& user) const;
  // What no other user may have; fills in the login.
  absl::Status CheckUnique(User* user) const;
  void Add(User user);
  void Remove(const User& user);

  std::map<std::string, User, std::less<>> users_;
  // login as pppd spells it, profile or "" -> name
  std::map<std::pair<std::string, std::string>, std::string> by_login_;
  absl::flat_hash_map<IpAddress, std::string> owners_;  // of addresses, interface ids, prefixes
  int with_address_ = 0;
  absl::flat_hash_map<std::string, int> session_counts_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_USERS_H_
