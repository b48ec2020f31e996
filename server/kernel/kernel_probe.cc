#include "server/kernel/kernel_probe.h"

#include <netinet/in.h>  // before the kernel's own, which then stand back

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_pppox.h>
#include <linux/l2tp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/unique_fd.h"
#include "server/kernel/genl_socket.h"
#include "server/kernel/kernel_error.h"
#include "server/kernel/l2tp_requests.h"

namespace l2tp::kernel {
namespace {

// The capability as this thread has it; whether it counts in the network namespace is another
// question, which only a request answers.
bool HasNetAdminCapability() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
}

// Deletes tunnel 0, which cannot exist: EPERM tells that we may not.
bool MayUse(GenlSocket* socket) {
  int error = 0;
  socket->Start(TunnelDeleteRequest(socket->family(), TunnelId()),
                [&error](const GenlSocket::Outcome& outcome) { error = outcome.error; });
  socket->Finish();
  return error != EPERM && error != EACCES;
}

int TryPppox() {
  UniqueFd fd(socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP));
  return fd.valid() ? 0 : errno;
}

int TryDevPpp() {
  UniqueFd fd(open("/dev/ppp", O_RDWR | O_CLOEXEC));
  return fd.valid() ? 0 : errno;
}

struct Missing {
  std::vector<std::string> names;
  std::vector<std::string> advice;
  void Add(absl::string_view name, absl::string_view what) {
    names.emplace_back(name);
    advice.emplace_back(what);
  }
};

void JudgeNetlink(const ProbeResults& results, Missing* missing) {
  if (results.netlink_family == 0) return;
  missing->Add(
      "netlink family l2tp",
      absl::StrCat("the kernel has no L2TP netlink interface (", ErrnoText(results.netlink_family),
                   "); try: modprobe l2tp_netlink, or build it with CONFIG_L2TP and "
                   "CONFIG_L2TP_V3"));
}

void JudgePppox(const ProbeResults& results, Missing* missing) {
  if (results.pppox_socket == 0) return;
  missing->Add("PPPoL2TP sockets",
               absl::StrCat("the kernel has no PPPoL2TP sockets (", ErrnoText(results.pppox_socket),
                            "); try: modprobe l2tp_ppp, or build it with CONFIG_PPPOL2TP"));
}

void JudgeDevPpp(const ProbeResults& results, Missing* missing) {
  const int error = results.dev_ppp;
  if (error == 0) return;
  const bool forbidden = error == EPERM || error == EACCES;
  // Without the capability the kernel refuses it anyway; that is told once.
  if (forbidden && !results.net_admin) return;
  missing->Add("/dev/ppp",
               absl::StrCat("/dev/ppp cannot be opened (", ErrnoText(error), "); ",
                            forbidden ? "in a container, allow the device c 108:0 rwm"
                                      : "try: modprobe ppp_generic; mknod /dev/ppp c 108 0"));
}

}  // namespace

ProbeResults ProbeKernel() {
  ProbeResults results;
  results.net_admin = HasNetAdminCapability();
  auto socket = GenlSocket::Open(L2TP_GENL_NAME);
  if (socket.ok()) {
    results.net_admin = MayUse(socket->get());
  } else {
    results.netlink_family = absl::IsNotFound(socket.status()) ? ENOENT : EPROTONOSUPPORT;
  }
  results.pppox_socket = TryPppox();
  results.dev_ppp = TryDevPpp();
  return results;
}

absl::Status JudgeKernel(const ProbeResults& results) {
  Missing missing;
  JudgeNetlink(results, &missing);
  JudgePppox(results, &missing);
  JudgeDevPpp(results, &missing);
  const bool only_rights = missing.names.empty();
  if (!results.net_admin) {
    missing.Add("CAP_NET_ADMIN",
                "the daemon lacks CAP_NET_ADMIN in this network namespace; run it as root, or give "
                "it the capability (systemd: AmbientCapabilities=CAP_NET_ADMIN)");
  }
  if (missing.names.empty()) return absl::OkStatus();

  const std::string message = absl::StrJoin(missing.advice, ". ");
  if (only_rights) {
    return MakeError(Reason::kNoCapability, message, {{"capability", "CAP_NET_ADMIN"}});
  }
  return MakeError(Reason::kKernelUnsupported, message,
                   {{"missing", absl::StrJoin(missing.names, ",")}});
}

}  // namespace l2tp::kernel
