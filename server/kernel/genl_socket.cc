#include "server/kernel/genl_socket.h"

#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace l2tp::kernel {
namespace {

using Clock = std::chrono::steady_clock;

// Acknowledgements of a whole batch fit, each of which the kernel accounts with about 1 kB.
constexpr int kReceiveBufferOctets = 1 << 20;
// More than the kernel puts into one message of a dump (32 kB).
constexpr size_t kReadOctets = 65536;
// Answers are there when send() returns; this only ends a wait for one that was lost.
constexpr timeval kAnswerTimeout = {.tv_sec = 5, .tv_usec = 0};

absl::Status LibnlError(const char* what, int error) {
  return absl::InternalError(absl::StrCat(what, ": ", nl_geterror(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GenlSocket>> GenlSocket::Open(const char* family) {
  nl_sock* socket = nl_socket_alloc();
  if (socket == nullptr) return absl::ResourceExhaustedError("no memory for a netlink socket");
  std::unique_ptr<GenlSocket> result(new GenlSocket(socket, -1));

  if (int error = genl_connect(socket); error < 0) {
    return LibnlError("cannot open a generic netlink socket", error);
  }
  nl_socket_set_buffer_size(socket, kReceiveBufferOctets, 0);
  const int fd = nl_socket_get_fd(socket);
  const int on = 1;
  // Both are comforts: text with errors, and short acknowledgements.
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kAnswerTimeout, sizeof(kAnswerTimeout)) < 0) {
    return absl::ErrnoToStatus(errno, "SO_RCVTIMEO on a netlink socket");
  }

  const int id = genl_ctrl_resolve(socket, family);
  if (id == -NLE_OBJ_NOTFOUND) {
    return absl::NotFoundError(
        absl::StrCat("the kernel has no generic netlink family \"", family, "\""));
  }
  if (id < 0) {
    return LibnlError(absl::StrCat("cannot resolve netlink family ", family).c_str(), id);
  }
  result->family_ = id;
  result->buffer_.resize(kReadOctets);
  return result;
}

GenlSocket::~GenlSocket() { nl_socket_free(socket_); }

bool GenlSocket::DumpInFlight() const {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [](const auto& entry) { return entry.second.is_dump; });
}

void GenlSocket::Start(NetlinkMessage request, OnOutcome done) {
  nlmsghdr* header = nlmsg_hdr(request.get());
  const bool is_dump = (header->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  if (is_dump && DumpInFlight()) Finish();

  header->nlmsg_seq = nl_socket_use_seq(socket_);
  header->nlmsg_pid = nl_socket_get_local_port(socket_);
  ssize_t sent = -1;
  const Clock::time_point began = Clock::now();
  do {
    sent = send(nl_socket_get_fd(socket_), header, header->nlmsg_len, 0);
  } while (sent < 0 && errno == EINTR);
  const int error = errno;
  Outcome outcome;
  outcome.took = Duration::Nanoseconds(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began).count());
  if (sent < 0) {
    outcome.error = error;
    outcome.detail = "sending the request failed";
    done(outcome);
    return;
  }
  in_flight_.emplace(
      header->nlmsg_seq,
      Pending{.done = std::move(done), .outcome = std::move(outcome), .is_dump = is_dump});
}

void GenlSocket::Finish() {
  while (!in_flight_.empty()) {
    const ssize_t size = recv(nl_socket_get_fd(socket_), buffer_.data(), buffer_.size(), 0);
    if (size >= 0) {
      for (NetlinkReply& reply :
           ParseReplies(ByteSpan(buffer_.data(), static_cast<size_t>(size)))) {
        HandleReply(std::move(reply));
      }
    } else if (errno == EAGAIN) {
      FailAll(ETIMEDOUT);
    } else if (errno != EINTR) {
      FailAll(errno);  // ENOBUFS: answers were lost, and nobody can tell whose
    }
  }
}

void GenlSocket::HandleReply(NetlinkReply reply) {
  auto found = in_flight_.find(reply.sequence);
  if (found == in_flight_.end()) return;  // a late answer to what FailAll ended
  if (reply.kind == NetlinkReply::Kind::kData) {
    found->second.outcome.data.push_back(std::move(reply.message));
    return;
  }
  Pending pending = std::move(found->second);
  in_flight_.erase(found);
  pending.outcome.error = reply.error;
  pending.outcome.detail = std::move(reply.detail);
  pending.done(pending.outcome);
}

void GenlSocket::FailAll(int error) {
  auto failed = std::exchange(in_flight_, {});
  for (auto& [sequence, pending] : failed) {
    pending.outcome.error = error;
    pending.outcome.detail = "the kernel's answer was lost";
    pending.done(pending.outcome);
  }
}

}  // namespace l2tp::kernel
