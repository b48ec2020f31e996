// What the kernel refused, as the errors control/ports.h promises.

#ifndef L2TP_SERVER_KERNEL_KERNEL_ERROR_H_
#define L2TP_SERVER_KERNEL_KERNEL_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/ids.h"

namespace l2tp::kernel {

// One request to the kernel, for error messages and metadata.
struct Request {
  absl::string_view operation;  // "SESSION_CREATE"; must outlive the Request (a literal)
  TunnelId tunnel;
  SessionId session;  // 0: the request is about the tunnel
};

// The error for `request` that ended with `error` (an errno, not 0). `detail` is the kernel's own
// text, may be empty. All carry the metadata "operation" and "errno".
//
//   ENODEV, ENOENT        TUNNEL_NOT_FOUND or SESSION_NOT_FOUND, by what the request needs to exist
//   EPERM, EACCES         NO_CAPABILITY
//   EPROTONOSUPPORT, EAFNOSUPPORT, ESOCKTNOSUPPORT, EOPNOTSUPP   KERNEL_UNSUPPORTED
//   anything else         KERNEL_REQUEST_FAILED
absl::Status KernelError(const Request& request, int error, absl::string_view detail);

// "File exists" for EEXIST.
std::string ErrnoText(int error);

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_KERNEL_ERROR_H_
