// Names as pppd spells them.

#ifndef L2TP_SERVER_CONTROL_LOGIN_NAME_H_
#define L2TP_SERVER_CONTROL_LOGIN_NAME_H_

#include <string>

#include "absl/strings/string_view.h"

namespace l2tp::control {

// A PPP name is any octets. pppd makes it printable before a plugin sees it: 0xe9 becomes "M-i",
// 0x01 "^A". Text that is printable ASCII stays as it is, so a name that was spelt once is the same
// when it is spelt again.
std::string SpellLogin(absl::string_view name);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_LOGIN_NAME_H_
