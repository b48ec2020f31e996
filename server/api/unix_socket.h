// Getting the path of a Unix socket ready for listening.

#ifndef L2TP_SERVER_API_UNIX_SOCKET_H_
#define L2TP_SERVER_API_UNIX_SOCKET_H_

#include <string>

#include "absl/status/status.h"

namespace l2tp::api {

// Removes the socket of a daemon that died, and makes the socket's folder if that is missing.
// ALREADY_EXISTS when somebody listens on it, or when `path` is something else than a socket.
absl::Status PrepareUnixSocket(const std::string& path);

// Gives the socket to a group. NOT_FOUND when there is no such group.
absl::Status SetSocketGroup(const std::string& path, const std::string& group);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_UNIX_SOCKET_H_
