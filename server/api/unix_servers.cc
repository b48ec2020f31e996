#include "server/api/unix_servers.h"

#include <spdlog/spdlog.h>

#include <vector>

namespace l2tp::api {

absl::AnyInvocable<void()> UnixServers::Add(UniqueFd connection, const PeerCredentials& peer) {
  const Caller caller = callers_->UnixCaller(peer);
  const Key key(peer.uid, caller.role);
  std::lock_guard lock(mutex_);
  std::string problem;
  Entry* entry = EntryLocked(key, caller, &problem);
  if (entry == nullptr) {
    if (const auto suppressed = refusals_.Admit(SteadyNow())) {
      spdlog::warn("api connection=refused who={} reason=\"{}\" suppressed={}", caller.who, problem,
                   *suppressed);
    }
    return nullptr;
  }
  ++entry->connections;
  entry->used = ++uses_;
  entry->server->Take(connection.Release());
  return [this, key] { Remove(key); };
}

UnixServers::Entry* UnixServers::EntryLocked(const Key& key, const Caller& caller,
                                             std::string* problem) {
  if (shut_down_) {
    *problem = "the daemon is being stopped";
    return nullptr;
  }
  if (auto found = servers_.find(key); found != servers_.end()) {
    if (found->second.connections < limits_.max_connections_per_caller) return &found->second;
    *problem = "this caller has too many connections";
    return nullptr;
  }
  if (servers_.size() >= static_cast<size_t>(limits_.max_callers) && !MakeRoomLocked()) {
    *problem = "too many callers at a time";
    return nullptr;
  }
  auto server = std::make_unique<CallerServer>(
      backend_, [caller](const grpc::ServerContextBase&) { return caller; });
  std::vector<int> ports;
  if (const absl::Status status = server->Start({}, &ports); !status.ok()) {
    *problem = std::string(status.message());
    return nullptr;
  }
  server->SetServing(serving_);
  if (stopped_.has_value()) server->StopStreams(*stopped_);
  Entry& entry = servers_[key];
  entry.server = std::move(server);
  return &entry;
}

// Its end may have to wait for a call that has come in just now, so it waits elsewhere.
bool UnixServers::MakeRoomLocked() {
  using std::chrono::seconds;
  if (retiring_.valid() && retiring_.wait_for(seconds(0)) != std::future_status::ready) {
    return false;
  }
  auto oldest = servers_.end();
  for (auto it = servers_.begin(); it != servers_.end(); ++it) {
    if (it->second.connections > 0 || !it->second.server->idle()) continue;
    if (oldest == servers_.end() || it->second.used < oldest->second.used) oldest = it;
  }
  if (oldest == servers_.end()) return false;
  retiring_ = std::async(std::launch::async,
                         [server = std::move(oldest->second.server)]() mutable { server.reset(); });
  servers_.erase(oldest);
  return true;
}

void UnixServers::Remove(const Key& key) {
  std::lock_guard lock(mutex_);
  if (auto found = servers_.find(key); found != servers_.end()) --found->second.connections;
}

void UnixServers::SetServing(bool serving) {
  std::lock_guard lock(mutex_);
  serving_ = serving;
  for (auto& [key, entry] : servers_) entry.server->SetServing(serving);
}

void UnixServers::StopStreams(const absl::Status& status) {
  std::lock_guard lock(mutex_);
  stopped_ = status;
  for (auto& [key, entry] : servers_) entry.server->StopStreams(status);
}

void UnixServers::Shutdown(std::chrono::system_clock::time_point deadline) {
  std::map<Key, Entry> servers;
  {
    std::lock_guard lock(mutex_);
    shut_down_ = true;
    servers.swap(servers_);
  }
  for (auto& [key, entry] : servers) entry.server->Shutdown(deadline);
}

}  // namespace l2tp::api
