#include "tests/support/watch_model.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::testing {
namespace {

using events::CloseReason;
using events::EventType;
using events::SessionInfo;
using events::State;
using events::TunnelInfo;

std::string Brief(const events::Cause& cause) {
  return absl::StrCat(events::ClosedByName(cause.closed_by), " ",
                      events::CloseReasonName(cause.reason), " ", cause.result_code, "/",
                      cause.error_code, " ", cause.message);
}

uint64_t VersionOf(const events::ConfigInfo& config) {
  return std::visit([](const auto& value) { return value->version; }, config.config);
}

bool HasSecret(const control::Profile& profile) {
  return !profile.ppp.password.empty() || !profile.ppp.radius.secret.empty();
}
bool HasSecret(const control::Pool& /*pool*/) { return false; }
bool HasSecret(const control::User& user) { return !user.password.empty(); }
bool HasSecret(const control::Peer& peer) { return !peer.secret.empty(); }

}  // namespace

// ---- Connection --------------------------------------------------------------------------------

void WatchModel::Attach(control::Controller* controller, size_t ring_size) {
  controller_ = controller;
  ring_size_ = static_cast<int64_t>(ring_size);
  token_is_of_another_run_ = !token_.empty();
  Subscribe();
}

void WatchModel::Detach() {
  controller_ = nullptr;
  subscription_ = nullptr;
}

void WatchModel::Subscribe() {
  if (token_.empty()) return SubscribeAnew();
  events::WatchOptions options;
  options.resume_token = token_;
  auto resumed = controller_->Watch(options, [] {});
  if (resumed.ok()) {
    if (token_is_of_another_run_) Complain("a token of a former run was accepted");
    subscription_ = *std::move(resumed);
    ++resumptions_;
    return;
  }
  const int64_t oldest = controller_->GetSystem().revision - ring_size_ + 1;
  const bool too_old = revision_.has_value() && *revision_ + 1 < oldest;
  if (!HasReason(resumed.status(), Reason::kResumeTokenExpired) ||
      (!token_is_of_another_run_ && !too_old)) {
    Complain(absl::StrCat("resuming failed: ", resumed.status().ToString()));
  }
  SubscribeAnew();
}

void WatchModel::SubscribeAnew() {
  tunnels_.clear();
  sessions_.clear();
  configs_.clear();
  revision_.reset();
  token_.clear();
  token_is_of_another_run_ = false;
  events::WatchOptions options;
  options.include_initial_state = true;
  auto started = controller_->Watch(options, [] {});
  if (!started.ok()) return Complain(started.status().ToString());
  subscription_ = *std::move(started);
}

void WatchModel::OnEnded(const absl::Status& status) {
  if (!HasReason(status, Reason::kWatchTooSlow)) {
    Complain(absl::StrCat("the subscription ended: ", status.ToString()));
  } else if (!token_.empty() &&
             GetErrorInfo(status)->metadata != ErrorMetadata{{"resume_token", token_}}) {
    Complain("too slow, and told to resume elsewhere than behind what was read");
  }
  subscription_ = nullptr;
}

int WatchModel::Read(int limit) {
  if (controller_ == nullptr) return 0;
  int count = 0;
  while (count < limit && findings_->empty()) {
    if (subscription_ == nullptr) Subscribe();
    if (subscription_ == nullptr) return count;
    if (auto item = subscription_->Pop()) {
      Take(*item);
      token_ = subscription_->resume_token();
      ++count;
    } else if (const absl::Status status = subscription_->status(); !status.ok()) {
      OnEnded(status);
    } else {
      return count;
    }
  }
  return count;
}

// ---- Events ------------------------------------------------------------------------------------

void WatchModel::Take(const events::Item& item) {
  if (const auto* initial = std::get_if<events::InitialState>(&item)) {
    if (revision_.has_value()) Complain("initial state after its end");
    Remember(initial->resource);
  } else if (const auto* synced = std::get_if<events::Synced>(&item)) {
    revision_ = synced->revision;
  } else if (const auto* bookmark = std::get_if<events::Bookmark>(&item)) {
    if (bookmark->revision != revision_.value_or(-1)) {
      Complain(absl::StrCat("bookmark at revision ", bookmark->revision, " after ",
                            revision_.value_or(-1)));
    }
  } else {
    Take(*std::get<events::EventPtr>(item));
  }
}

void WatchModel::Take(const events::Event& event) {
  if (trace_ != nullptr) Record(event);
  if (event.revision != revision_.value_or(-1) + 1) {
    Complain(absl::StrCat("revision ", event.revision, " follows ", revision_.value_or(-1)));
  }
  revision_ = event.revision;
  ++counts_[event.type];
  if (const std::string fault = Fault(event); !fault.empty()) {
    Complain(absl::StrCat(events::EventTypeName(event.type), " of ", event.name(), ": ", fault));
  }
  if (event.type == EventType::kTunnelDeleted) {
    tunnels_.erase(event.name());
  } else if (event.type == EventType::kSessionDeleted) {
    sessions_.erase(event.name());
  } else if (absl::EndsWith(events::EventTypeName(event.type), "_DELETED")) {
    configs_.erase(event.name());
  } else {
    Remember(event.resource);
  }
}

void WatchModel::Remember(const events::Resource& resource) {
  if (const auto* tunnel = std::get_if<TunnelInfo>(&resource)) {
    tunnels_[tunnel->name] = *tunnel;
  } else if (const auto* session = std::get_if<SessionInfo>(&resource)) {
    sessions_[session->name] = *session;
  } else if (const auto* config = std::get_if<events::ConfigInfo>(&resource)) {
    configs_[config->name] = *config;
  }
}

std::string WatchModel::Fault(const events::Event& event) const {
  if (const auto* refusal = std::get_if<events::RefusalInfo>(&event.resource)) {
    return RefusalFault(event, *refusal);
  }
  if (events::KindOf(event.type) != events::KindOf(event.resource)) {
    return "the resource is of another kind";
  }
  if (const auto* config = std::get_if<events::ConfigInfo>(&event.resource)) {
    return ConfigFault(event, *config);
  }
  const bool about_session = absl::StartsWith(events::EventTypeName(event.type), "SESSION_");
  if (about_session != event.is_session()) return "the resource is of the other kind";
  if (event.is_session()) return SessionFault(event, std::get<SessionInfo>(event.resource));
  return TunnelFault(event, std::get<TunnelInfo>(event.resource));
}

// The tunnel of refused calls may be gone when they are told together.
std::string WatchModel::RefusalFault(const events::Event& event,
                                     const events::RefusalInfo& refusal) {
  const bool of_tunnel = event.type == EventType::kTunnelRefused;
  if (!of_tunnel && event.type != EventType::kSessionRefused) {
    return "the resource is of the other kind";
  }
  if (of_tunnel == refusal.of_call) return "a tunnel was refused in a tunnel, or a call in none";
  if (refusal.cause.reason == CloseReason::kNone) return "no cause is told";
  return refusal.count > 0 ? "" : "it stands for nothing";
}

std::string WatchModel::ConfigFault(const events::Event& event,
                                    const events::ConfigInfo& config) const {
  const auto known = configs_.find(config.name);
  const bool created = absl::EndsWith(events::EventTypeName(event.type), "_CREATED");
  if (created != (known == configs_.end())) {
    return created ? "it was there before" : "nobody has told that it exists";
  }
  const bool secret =
      std::visit([](const auto& value) { return HasSecret(*value); }, config.config);
  return secret ? "it has a secret" : "";
}

std::string WatchModel::TunnelFault(const events::Event& event, const TunnelInfo& tunnel) const {
  const auto known = tunnels_.find(tunnel.name);
  if (event.type == EventType::kTunnelCreated) {
    if (known != tunnels_.end()) return "it was there before";
    return tunnel.state == State::kConnecting ? "" : "created in another state than CONNECTING";
  }
  if (known == tunnels_.end()) return "nobody has told that it exists";
  if (known->second.uid != tunnel.uid) return "it is another one than was told before";
  const State before = known->second.state;
  const bool caused = tunnel.cause.closed_by != events::ClosedBy::kNobody &&
                      tunnel.cause.reason != CloseReason::kNone;
  if (event.type == EventType::kTunnelUp) {
    if (before != State::kConnecting || tunnel.state != State::kEstablished) return "not new";
    return "";
  }
  if (!caused) return "no cause is told";
  if (event.type == EventType::kTunnelDown) {
    return before == State::kClosing ? "it was down before" : "";
  }
  if (before != State::kClosing || tunnel.state != State::kClosed) return "it was not down";
  const bool has_sessions =
      std::any_of(sessions_.begin(), sessions_.end(), [&tunnel](const auto& entry) {
        const SessionInfo& session = entry.second;
        return session.tunnel == tunnel.name && session.state != State::kWaiting;
      });
  return has_sessions ? "it still has sessions" : "";
}

std::string WatchModel::SessionFault(const events::Event& event, const SessionInfo& session) const {
  const auto known = sessions_.find(session.name);
  const bool waited = known != sessions_.end() && known->second.state == State::kWaiting;
  if (!waited && !tunnels_.contains(session.tunnel)) return "its tunnel is not there";
  if (event.type == EventType::kSessionCreated) {
    if (known != sessions_.end()) return "it was there before";
    return session.state == State::kConnecting ? "" : "created in another state than CONNECTING";
  }
  if (known == sessions_.end()) return "nobody has told that it exists";
  const SessionInfo& before = known->second;
  if (before.uid != session.uid) return "it is another one than was told before";
  if (event.type == EventType::kSessionDeleted) {
    if (before.state != State::kClosed && !waited) return "it was not down";
    return session.cause.reason == CloseReason::kNone ? "no cause is told" : "";
  }
  if (event.type == EventType::kSessionWaiting) {
    if (before.state != State::kClosed && !waited) return "it was not down";
    if (session.state != State::kWaiting || !session.reconnect.has_value())
      return "it does not wait";
    return session.cause.reason == CloseReason::kNone ? "no cause is told" : "";
  }
  if (event.type == EventType::kSessionReconnecting) {
    return waited && session.state == State::kConnecting ? "" : "it did not wait";
  }
  if (event.type == EventType::kSessionUpdated) return "";
  if (waited) return "it waits";
  if (before.state == State::kClosed) return "it was down already";
  switch (event.type) {
    case EventType::kSessionUp:
      return before.state == State::kConnecting && session.state == State::kEstablished ? ""
                                                                                        : "not new";
    case EventType::kSessionDown:
      if (session.ipv4.has_value() || session.ipv6.has_value()) return "its addresses remain";
      return session.pppd_pid != 0 ? "its pppd runs" : "";
    case EventType::kSessionIpUp: return session.ipv4.has_value() ? "" : "no address";
    case EventType::kSessionIpDown:
      return before.ipv4.has_value() && !session.ipv4.has_value() ? "" : "it was not up";
    default: return "";
  }
}

void WatchModel::Record(const events::Event& event) {
  std::string line = absl::StrCat("event ", event.revision, " ", events::EventTypeName(event.type),
                                  " ", event.name());
  if (event.is_session()) {
    const auto& session = std::get<SessionInfo>(event.resource);
    absl::StrAppend(&line, " ", session.uid, " ", events::StateName(session.state), " ids ",
                    session.assigned_session_id.value(), " ",
                    session.peer_assigned_session_id.value(), " ", Brief(session.cause));
  } else if (const auto* refusal = std::get_if<events::RefusalInfo>(&event.resource)) {
    absl::StrAppend(&line, " ", refusal->remote.ToString(), " ", refusal->count, " ",
                    Brief(refusal->cause));
  } else if (std::holds_alternative<TunnelInfo>(event.resource)) {
    const auto& tunnel = std::get<TunnelInfo>(event.resource);
    absl::StrAppend(&line, " ", tunnel.uid, " ", events::StateName(tunnel.state), " ids ",
                    tunnel.assigned_tunnel_id.value(), " ", tunnel.peer_assigned_tunnel_id.value(),
                    " ", Brief(tunnel.cause));
  }
  trace_->Add(name_, line);
}

// ---- Comparison --------------------------------------------------------------------------------

void WatchModel::CompareAll() {
  if (controller_ == nullptr) return;
  Read();
  if (!findings_->empty()) return;
  CompareTunnels();
  CompareSessions();
  CompareConfigs();
}

void WatchModel::CompareConfigs() {
  control::PageRequest all;
  all.size = 1000;
  size_t count = 0;
  const auto compare = [&](const auto& listed) {
    for (const auto& item : listed.items) {
      ++count;
      const auto told = configs_.find(item.name);
      if (told == configs_.end()) {
        Complain(absl::StrCat(item.name, " was not told of"));
      } else if (VersionOf(told->second) != item.version) {
        Complain(absl::StrCat(item.name, " has changed, and that was not told"));
      }
    }
  };
  compare(controller_->ListProfiles(all));
  compare(controller_->ListPools(all));
  compare(controller_->ListUsers(all));
  compare(controller_->ListPeers(all));
  if (count != configs_.size()) {
    Complain(absl::StrCat("List shows ", count,
                          " profiles, pools, users and peers, events told of ", configs_.size()));
  }
}

// The beginning of an end is told by no event: a resource that is closing is compared by name only.
void WatchModel::CompareTunnels() {
  control::PageRequest all;
  all.size = 1000;
  const auto listed = controller_->ListTunnels(all).items;
  if (listed.size() != tunnels_.size()) {
    return Complain(
        absl::StrCat("List shows ", listed.size(), " tunnels, events told of ", tunnels_.size()));
  }
  for (const TunnelInfo& tunnel : listed) {
    const auto told = tunnels_.find(tunnel.name);
    if (told == tunnels_.end() || told->second.uid != tunnel.uid) {
      Complain(absl::StrCat(tunnel.name, " was not told of"));
    } else if (told->second.state != tunnel.state ||
               told->second.assigned_tunnel_id != tunnel.assigned_tunnel_id) {
      Complain(absl::StrCat(tunnel.name, " is ", events::StateName(tunnel.state), ", told was ",
                            events::StateName(told->second.state)));
    }
  }
}

void WatchModel::CompareSessions() {
  control::PageRequest all;
  all.size = 1000;
  const auto listed = controller_->ListSessions("", all)->items;
  if (listed.size() != sessions_.size()) {
    return Complain(
        absl::StrCat("List shows ", listed.size(), " sessions, events told of ", sessions_.size()));
  }
  for (const SessionInfo& session : listed) {
    const auto told = sessions_.find(session.name);
    if (told == sessions_.end() || told->second.uid != session.uid) {
      Complain(absl::StrCat(session.name, " was not told of"));
    } else if (session.state != State::kClosing &&
               (told->second.state != session.state ||
                told->second.ipv4.has_value() != session.ipv4.has_value() ||
                told->second.assigned_session_id != session.assigned_session_id)) {
      Complain(absl::StrCat(session.name, " is ", events::StateName(session.state), ", told was ",
                            events::StateName(told->second.state)));
    }
  }
}

}  // namespace l2tp::testing
