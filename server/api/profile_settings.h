// Settings of a profile by their paths ("ppp.mtu"), as the API's messages have them.

#ifndef L2TP_SERVER_API_PROFILE_SETTINGS_H_
#define L2TP_SERVER_API_PROFILE_SETTINGS_H_

#include "absl/strings/string_view.h"
#include "l2tp/v1/profile.pb.h"

namespace l2tp::api {

// Whether `profile` sets it. A list without elements is not set.
bool HasSetting(const v1::Profile& profile, absl::string_view path);

void ClearSetting(absl::string_view path, v1::Profile* profile);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_PROFILE_SETTINGS_H_
