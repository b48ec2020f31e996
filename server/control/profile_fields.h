// Every setting of a profile by its name, for whoever has to treat them alike.

#ifndef L2TP_SERVER_CONTROL_PROFILE_FIELDS_H_
#define L2TP_SERVER_CONTROL_PROFILE_FIELDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "server/control/specs.h"

namespace l2tp::control {

struct ProfileField {
  absl::string_view path;  // as in the API and in the configuration: "ppp.mtu"
  void (*copy)(const Profile& from, Profile* to);
};

// In the order of the API, tunnel before session before ppp.
const std::vector<ProfileField>& ProfileFields();

// What `profile` does not set itself is that of `parent` from now on. A user comes without the
// parent's password.
void Inherit(const Profile& parent, Profile* profile);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PROFILE_FIELDS_H_
