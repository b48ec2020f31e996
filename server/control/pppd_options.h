// Options of pppd that a profile may add: a list of those that neither run a program nor read or
// write a file nor show a secret, and that are not ours to say.

#ifndef L2TP_SERVER_CONTROL_PPPD_OPTIONS_H_
#define L2TP_SERVER_CONTROL_PPPD_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace l2tp::control {

// The words of an option and its argument, as in "lcp-restart 5", or what is wrong with it.
absl::StatusOr<std::vector<std::string>> ParsePppdOption(absl::string_view text);

// FIELD_INVALID with the place in `field`: an option that is not on the list, an argument that it
// does not take, an option given twice, more than 32.
absl::Status CheckPppdOptions(absl::string_view field, const std::vector<std::string>& options);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PPPD_OPTIONS_H_
