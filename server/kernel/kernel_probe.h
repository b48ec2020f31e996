// Says at start what the kernel or the daemon's rights lack for the data path, and what to do.

#ifndef L2TP_SERVER_KERNEL_KERNEL_PROBE_H_
#define L2TP_SERVER_KERNEL_KERNEL_PROBE_H_

#include "absl/status/status.h"

namespace l2tp::kernel {

// What was found. Each is the errno of a try, 0 when it worked.
struct ProbeResults {
  int netlink_family = 0;  // ENOENT: no such family
  int pppox_socket = 0;
  int dev_ppp = 0;
  bool net_admin = true;  // CAP_NET_ADMIN for this network namespace
};

// Tries everything the data path needs, in the current network namespace. Makes the kernel load the
// modules it can load by itself. Leaves nothing behind.
ProbeResults ProbeKernel();

// OK, or everything that is missing in one error: KERNEL_UNSUPPORTED with the metadata "missing"
// (names separated by commas), or NO_CAPABILITY when the right to use it is all that is missing.
absl::Status JudgeKernel(const ProbeResults& results);

// Both in one.
inline absl::Status CheckKernel() { return JudgeKernel(ProbeKernel()); }

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_KERNEL_PROBE_H_
