#include "server/control/users.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/login_name.h"
#include "server/control/page.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

absl::Status NotFound(absl::string_view name) {
  return MakeError(Reason::kUserNotFound, absl::StrCat(name, " does not exist"),
                   {{"name", std::string(name)}});
}

// What a user has of its own, and the fields it stands in. An interface identifier is an IPv6
// address with nothing but its lower half, a prefix one with nothing but its upper half.
std::array<std::pair<const char*, IpAddress>, 3> OwnOf(const User& user) {
  return {{{"ip_address", user.address},
           {"ipv6_interface_id", user.interface_id},
           {"ipv6_prefix", user.prefix.address}}};
}

}  // namespace

absl::Status Users::CheckUnique(User* user) const {
  if (user->login.empty()) user->login = std::string(absl::StripPrefix(user->name, "users/"));
  const auto same = by_login_.find({SpellLogin(user->login), user->profile});
  if (same != by_login_.end() && same->second != user->name) {
    return InvalidField("login", absl::StrCat(same->second, " has the same login and profile"));
  }
  for (const auto& [field, address] : OwnOf(*user)) {
    if (!address.is_set()) continue;
    const auto owner = owners_.find(address);
    if (owner != owners_.end() && owner->second != user->name) {
      return InvalidField(field, absl::StrCat("is ", owner->second, "'s"));
    }
  }
  return absl::OkStatus();
}

void Users::Add(User user) {
  for (const auto& [field, address] : OwnOf(user)) {
    if (address.is_set()) owners_[address] = user.name;
  }
  if (user.address.is_set()) ++with_address_;
  by_login_[{SpellLogin(user.login), user.profile}] = user.name;
  const std::string name = user.name;
  users_.emplace(name, std::move(user));
}

void Users::Remove(const User& user) {
  by_login_.erase({SpellLogin(user.login), user.profile});
  for (const auto& [field, address] : OwnOf(user)) owners_.erase(address);
  if (user.address.is_set()) --with_address_;
  users_.erase(users_.find(user.name));
}

absl::StatusOr<User> Users::Create(User user, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(user));
  if (users_.contains(user.name)) {
    return MakeError(Reason::kUserExists, absl::StrCat(user.name, " exists already"),
                     {{"name", user.name}});
  }
  L2TP_RETURN_IF_ERROR(CheckUnique(&user));
  const User view = View(user);
  if (mode == Mode::kDo) Add(std::move(user));
  return view;
}

absl::StatusOr<User> Users::Update(User user, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(user));
  const User* old = Find(user.name);
  if (old == nullptr) return NotFound(user.name);
  L2TP_RETURN_IF_ERROR(CheckUnique(&user));
  const User view = View(user);
  if (mode == Mode::kDo) {
    Remove(*old);
    Add(std::move(user));
  }
  return view;
}

User Users::View(const User& user) const {
  User view = user;
  view.session_count = SessionCount(user.name);
  return view;
}

absl::StatusOr<User> Users::Get(absl::string_view name) const {
  const User* user = Find(name);
  if (user == nullptr) return NotFound(name);
  return View(*user);
}

Page<User> Users::List(const PageRequest& page, const UserFilter& filter) const {
  return MakePage<User>(
      users_, page, [this](const User& user) { return View(user); },
      [&filter](const User& user) { return filter.Matches(user); });
}

absl::Status Users::Delete(absl::string_view name) {
  const User* user = Find(name);
  if (user == nullptr) return NotFound(name);
  Remove(*user);
  return absl::OkStatus();
}

const User* Users::Find(absl::string_view name) const {
  const auto user = users_.find(name);
  return user == users_.end() ? nullptr : &user->second;
}

const User* Users::Find(absl::string_view login, absl::string_view profile, bool* elsewhere) const {
  *elsewhere = false;
  const std::string spelt(login);
  auto found = by_login_.find({spelt, std::string(profile)});
  if (found == by_login_.end()) found = by_login_.find({spelt, ""});
  if (found != by_login_.end()) return Find(found->second);
  const auto other = by_login_.lower_bound({spelt, ""});
  *elsewhere = other != by_login_.end() && other->first.first == spelt;
  return nullptr;
}

std::string Users::AnyOfProfile(absl::string_view profile) const {
  for (const auto& [name, user] : users_) {
    if (user.profile == profile) return name;
  }
  return "";
}

void Users::Leave(const std::string& name) {
  const auto count = session_counts_.find(name);
  if (count != session_counts_.end() && --count->second == 0) session_counts_.erase(count);
}

int Users::SessionCount(absl::string_view name) const {
  const auto count = session_counts_.find(name);
  return count == session_counts_.end() ? 0 : count->second;
}

}  // namespace l2tp::control
