// What words on a command line stand for: names of resources, files, endpoints.

#ifndef L2TP_CLIENTS_L2TPCTL_ARGUMENTS_H_
#define L2TP_CLIENTS_L2TPCTL_ARGUMENTS_H_

#include <istream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace l2tp::ctl {

// "tunnels/lns1" for "lns1" in the collection "tunnels"; full names stay as they are.
std::string FullName(const std::string& collection, const std::string& name);
// "tunnels/lns1/sessions/home" for "lns1/home".
std::string FullSessionName(const std::string& name);
// "lns1" for "tunnels/lns1"; "lns1/home" for a session.
std::string ShortName(const std::string& name);

// The contents of `path`, "-" being standard input; without a line break at the end.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& in);
// A secret from the file `path`; from the environment variable `variable` when there is no path;
// "" without either.
absl::StatusOr<std::string> ReadSecret(const std::string& path, const char* variable,
                                       std::istream& in);

// "192.0.2.1", "192.0.2.1:1701", "2001:db8::1", "[2001:db8::1]:1701" -> address and port, 0 when
// there is none. The address itself is left to the daemon to check.
absl::StatusOr<std::pair<std::string, int>> SplitEndpoint(const std::string& text);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_ARGUMENTS_H_
