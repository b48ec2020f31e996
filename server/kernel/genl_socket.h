// One generic netlink socket bound to one kernel interface ("family").

#ifndef L2TP_SERVER_KERNEL_GENL_SOCKET_H_
#define L2TP_SERVER_KERNEL_GENL_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/base/bytes.h"
#include "server/base/time.h"
#include "server/kernel/netlink_message.h"

struct nl_sock;

namespace l2tp::kernel {

// Sends requests and matches the kernel's answers to them by sequence number, many in flight.
//
// The kernel does the work of a request inside the sending system call, so Start() takes as long as
// the kernel needs: milliseconds for a deletion. Not for the loop thread. Used by one thread at a
// time.
//
//   for (auto& request : batch) socket->Start(std::move(request), ...);
//   socket->Finish();
class GenlSocket {
 public:
  // How a request ended.
  struct Outcome {
    int error = 0;            // errno, 0 for success
    std::string detail;       // the kernel's own words, often empty
    std::vector<Bytes> data;  // messages it gave, each with its nlmsghdr
    Duration took;            // of the system call in which the kernel did it
  };
  using OnOutcome = absl::AnyInvocable<void(const Outcome&)>;

  // Opens a socket in the current network namespace and asks for `family`, which makes the kernel
  // load the module that provides it when it can. NOT_FOUND when there is no such family.
  static absl::StatusOr<std::unique_ptr<GenlSocket>> Open(const char* family);

  GenlSocket(const GenlSocket&) = delete;
  GenlSocket& operator=(const GenlSocket&) = delete;
  ~GenlSocket();

  // The number by which the kernel knows the family, for building requests.
  int family() const { return family_; }

  // Sends. `done` is called exactly once, from here when sending fails, else from Finish(); never
  // when the socket is destroyed before. The kernel runs one dump at a time: a second one waits
  // for the first.
  void Start(NetlinkMessage request, OnOutcome done);

  // Receives until every request has its outcome, those that outcomes start included. A request
  // without an answer for some seconds ends with ETIMEDOUT.
  void Finish();

  size_t in_flight() const { return in_flight_.size(); }

 private:
  struct Pending {
    OnOutcome done;
    Outcome outcome;
    bool is_dump = false;
  };

  GenlSocket(nl_sock* socket, int family) : socket_(socket), family_(family) {}
  void HandleReply(NetlinkReply reply);
  void FailAll(int error);
  bool DumpInFlight() const;

  nl_sock* socket_;
  int family_;
  Bytes buffer_;
  absl::flat_hash_map<uint32_t, Pending> in_flight_;
};

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_GENL_SOCKET_H_
