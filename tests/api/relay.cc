#include "tests/api/relay.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "absl/strings/strip.h"

namespace l2tp::api {
namespace {

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

}  // namespace

Relay::Relay(const std::string& target) : target_(absl::StripPrefix(target, "unix:")) {
  char folder[] = "/tmp/l2tp-relay-XXXXXX";
  folder_ = ::mkdtemp(folder);
  path_ = folder_ + "/api.sock";
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(path_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 16) != 0) {
    std::abort();
  }
  acceptor_ = std::thread([this] { Accept(); });
}

Relay::~Relay() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  Cut();
  for (std::thread& carrier : carriers_) carrier.join();
  for (const int descriptor : descriptors_) ::close(descriptor);
  ::close(listener_);
  ::unlink(path_.c_str());
  ::rmdir(folder_.c_str());
}

void Relay::Cut() {
  std::lock_guard lock(mutex_);
  for (const int descriptor : descriptors_) ::shutdown(descriptor, SHUT_RDWR);
}

void Relay::Accept() {
  while (true) {
    const int near = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (near < 0) return;
    const int far = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = AddressOf(target_);
    if (::connect(far, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(near);
      ::close(far);
      continue;
    }
    ++count_;
    std::lock_guard lock(mutex_);
    descriptors_.push_back(near);
    descriptors_.push_back(far);
    carriers_.emplace_back([this, near, far] { Carry(near, far); });
    carriers_.emplace_back([this, near, far] { Carry(far, near); });
  }
}

void Relay::Carry(int from, int to) {
  char octets[16384];
  while (true) {
    const ssize_t got = ::recv(from, octets, sizeof(octets), 0);
    if (got <= 0) break;
    for (ssize_t sent = 0; sent < got;) {
      const ssize_t more = ::send(to, octets + sent, static_cast<size_t>(got - sent), MSG_NOSIGNAL);
      if (more <= 0) break;
      sent += more;
    }
  }
  ::shutdown(from, SHUT_RDWR);
  ::shutdown(to, SHUT_RDWR);
}

}  // namespace l2tp::api
