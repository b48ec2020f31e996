#include "server/kernel/kernel_error.h"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::kernel {
namespace {

// What the person who reads it can do about it; empty when the errno says it all.
absl::string_view Hint(const Request& request, int error) {
  switch (error) {
    case EEXIST: return "; the id is in use in this network namespace, perhaps by another program";
    case EBUSY: return "; the socket carries another tunnel already";
    case EPERM:
    case EACCES: return "; the daemon needs CAP_NET_ADMIN in this network namespace";
    case EPROTONOSUPPORT:
      if (request.operation == "SESSION_CREATE") {
        return "; PPP sessions need the module l2tp_ppp and a kernel with CONFIG_L2TP_V3";
      }
      return "; try: modprobe l2tp_ppp";
    case EAFNOSUPPORT:
    case ESOCKTNOSUPPORT: return "; try: modprobe l2tp_ppp";
    default: return "";
  }
}

Reason ReasonFor(const Request& request, int error) {
  switch (error) {
    case ENODEV:
    case ENOENT:
      // Creating a session, or connecting to it, fails like this when its tunnel is not there.
      return request.operation == "SESSION_DELETE" || request.operation == "SESSION_GET"
                 ? Reason::kSessionNotFound
                 : Reason::kTunnelNotFound;
    case EPERM:
    case EACCES: return Reason::kNoCapability;
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
    case ESOCKTNOSUPPORT:
    case EOPNOTSUPP: return Reason::kKernelUnsupported;
    default: return Reason::kKernelRequestFailed;
  }
}

}  // namespace

std::string ErrnoText(int error) { return std::generic_category().message(error); }

absl::Status KernelError(const Request& request, int error, absl::string_view detail) {
  std::string subject;
  if (request.tunnel) absl::StrAppend(&subject, " tunnel ", request.tunnel.value());
  if (request.session) absl::StrAppend(&subject, " session ", request.session.value());
  std::string message = absl::StrCat("kernel: ", request.operation, subject, ": ", ErrnoText(error),
                                     detail.empty() ? "" : ": ", detail, Hint(request, error));

  const Reason reason = ReasonFor(request, error);
  ErrorMetadata metadata = {{"operation", std::string(request.operation)},
                            {"errno", absl::StrCat(error)}};
  if (reason == Reason::kNoCapability) metadata.emplace_back("capability", "CAP_NET_ADMIN");
  if (reason == Reason::kKernelUnsupported) metadata.emplace_back("missing", request.operation);
  return MakeError(reason, message, metadata);
}

}  // namespace l2tp::kernel
