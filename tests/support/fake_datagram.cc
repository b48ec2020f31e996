#include "tests/support/fake_datagram.h"

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace l2tp::testing {
namespace {

using control::SocketId;

// Far from real descriptors, so that using one as such fails.
constexpr int kFirstDescriptor = 1'000'000;

// In [0, 1).
double Draw(SeededRandom* random) { return static_cast<double>(random->Next() >> 11) * 0x1.0p-53; }

Duration DrawDelay(const FakeNetwork::Quality& quality, SeededRandom* random) {
  const auto spread = static_cast<double>((quality.max_delay - quality.min_delay).nanoseconds());
  return quality.min_delay + Duration::Nanoseconds(static_cast<int64_t>(spread * Draw(random)));
}

}  // namespace

// ---- FakeDatagramPort ------------------------------------------------------------------------

void FakeDatagramPort::Deliver(const Path& path, ByteSpan datagram) {
  if (sink_ != nullptr) sink_->OnDatagram(path, datagram);
}

std::vector<Endpoint> FakeDatagramPort::sockets() const {
  std::vector<Endpoint> result;
  for (const auto& [id, socket] : sockets_) result.push_back(socket.local);
  return result;
}

std::vector<control::SocketOptions> FakeDatagramPort::socket_options() const {
  std::vector<control::SocketOptions> result;
  for (const auto& [id, socket] : sockets_) result.push_back(socket.options);
  return result;
}

void FakeDatagramPort::Crash() {
  sink_ = nullptr;
  crashed_ = true;
  while (!sockets_.empty()) Close(sockets_.begin()->first);
}

bool FakeDatagramPort::Reads(const Endpoint& local) const {
  if (crashed_) return false;
  if (local == listener_) return true;
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [&local](const auto& entry) { return entry.second.local == local; });
}

void FakeDatagramPort::Emit(SentDatagram datagram) {
  if (on_sent_) {
    on_sent_(datagram);
  } else {
    sent_.push_back(std::move(datagram));
  }
}

void FakeDatagramPort::Send(const Path& path, Bytes datagram) {
  Emit({.path = {listener_, path.remote}, .socket = std::nullopt, .data = std::move(datagram)});
}

absl::StatusOr<SocketId> FakeDatagramPort::Open(const Endpoint& local, const Endpoint&,
                                                const control::SocketOptions& options) {
  L2TP_RETURN_IF_ERROR(std::exchange(next_open_, absl::OkStatus()));
  Endpoint bound = {listener_.address, local.port};
  const bool any = !local.address.is_set() || local.address.is_unspecified();
  if (!any && local.address != listener_.address) {
    return MakeError(Reason::kKernelRequestFailed,
                     absl::StrCat("cannot bind a UDP socket to ", local.ToString()),
                     {{"operation", "bind"}, {"errno", absl::StrCat(EADDRNOTAVAIL)}});
  }
  if (bound.port == 0) bound.port = next_port_++;
  const SocketId id(next_id_++);
  sockets_[id] = {.local = bound, .options = options};
  return id;
}

absl::StatusOr<Path> FakeDatagramPort::Connect(SocketId socket, const Endpoint& remote) {
  L2TP_RETURN_IF_ERROR(std::exchange(next_connect_, absl::OkStatus()));
  auto found = sockets_.find(socket);
  if (found == sockets_.end()) {
    return absl::NotFoundError(absl::StrCat("no UDP socket with id ", socket.value()));
  }
  found->second.connected = true;
  return Path{found->second.local, remote};
}

void FakeDatagramPort::SendOn(SocketId socket, const Endpoint& remote, Bytes datagram) {
  auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  Emit({.path = {found->second.local, remote}, .socket = socket, .data = std::move(datagram)});
}

int FakeDatagramPort::PathMtu(SocketId socket) {
  const auto found = sockets_.find(socket);
  return found != sockets_.end() && found->second.connected ? path_mtu_ : 0;
}

int FakeDatagramPort::Descriptor(SocketId socket) {
  return sockets_.contains(socket) ? kFirstDescriptor + static_cast<int>(socket.value()) : -1;
}

void FakeDatagramPort::Close(SocketId socket) {
  const int descriptor = Descriptor(socket);
  if (sockets_.erase(socket) == 1 && on_closed_) on_closed_(descriptor);
}

// ---- FakeNetwork -----------------------------------------------------------------------------

FakeDatagramPort& FakeNetwork::AddNode(const IpAddress& address, uint16_t listener_port) {
  auto& node = nodes_[address];
  node = std::make_unique<FakeDatagramPort>(address, listener_port);
  node->OnSent([this](const SentDatagram& datagram) { Carry(datagram); });
  return *node;
}

FakeNetwork::Direction& FakeNetwork::DirectionOf(const IpAddress& from, const IpAddress& to) {
  const auto found = directions_.find({from, to});
  if (found != directions_.end()) return found->second;
  const std::string name = absl::StrCat(from.ToString(), " to ", to.ToString());
  Direction fresh{SeededRandom::For(seed_, absl::StrCat("fate ", name)),
                  SeededRandom::For(seed_, absl::StrCat("corruption ", name)), std::nullopt};
  return directions_.emplace(std::pair(from, to), std::move(fresh)).first->second;
}

bool FakeNetwork::DroppedByStory(const SentDatagram& datagram) {
  auto found = std::find_if(drops_.begin(), drops_.end(), [&datagram](const Matcher& matcher) {
    return matcher(datagram.path, datagram.data);
  });
  if (found == drops_.end()) return false;
  drops_.erase(found);
  return true;
}

void FakeNetwork::Corrupt(SeededRandom* random, Bytes* datagram) {
  if (datagram->empty()) return;
  for (uint64_t count = 1 + random->Below(3); count > 0; --count) {
    (*datagram)[random->Below(datagram->size())] ^= static_cast<uint8_t>(1u << random->Below(8));
  }
}

void FakeNetwork::Carry(const SentDatagram& datagram) {
  const Path& path = datagram.path;
  if (on_sent_) on_sent_(path, datagram.data);
  Direction& direction = DirectionOf(path.local.address, path.remote.address);
  const Quality& quality = direction.quality.has_value() ? *direction.quality : quality_;
  // Always the same number of draws, so that one fault does not change all that come after it.
  const bool lost = Draw(&direction.fate) < quality.loss;
  const bool duplicated = Draw(&direction.fate) < quality.duplicate;
  const Duration delays[] = {DrawDelay(quality, &direction.fate),
                             DrawDelay(quality, &direction.fate)};
  const bool corrupted = Draw(&direction.corruption) < quality.corrupt;

  if (DroppedByStory(datagram) || lost) {
    ++lost_;
    return;
  }
  for (int copy = 0; copy < (duplicated ? 2 : 1); ++copy) {
    Bytes data = datagram.data;
    if (corrupted) Corrupt(&direction.corruption, &data);
    arrivals_.emplace(std::pair(clock_.Now() + delays[copy], next_arrival_++),
                      Arrival{.path = {path.remote, path.local}, .data = std::move(data)});
  }
}

std::optional<Instant> FakeNetwork::NextEvent() const {
  if (arrivals_.empty()) return std::nullopt;
  return arrivals_.begin()->first.first;
}

size_t FakeNetwork::DeliverDue() {
  const uint64_t before = delivered_;
  while (DeliverOne()) {
  }
  return delivered_ - before;
}

bool FakeNetwork::DeliverOne() {
  if (arrivals_.empty() || arrivals_.begin()->first.first > clock_.Now()) return false;
  const Arrival arrival = std::move(arrivals_.begin()->second);
  arrivals_.erase(arrivals_.begin());
  auto node = nodes_.find(arrival.path.local.address);
  if (node == nodes_.end() || !node->second->Reads(arrival.path.local)) {
    ++unread_;
    return true;
  }
  ++delivered_;
  if (on_delivered_) on_delivered_(arrival.path, arrival.data);
  node->second->Deliver(arrival.path, arrival.data);
  return true;
}

}  // namespace l2tp::testing
