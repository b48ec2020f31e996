#include "server/main/event_logger.h"

#include <spdlog/spdlog.h>

#include <array>
#include <asio/post.hpp>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/base/quote.h"

namespace l2tp {
namespace {

using events::EventType;

// What is configured has its lines in the audit log, with who did it.
constexpr std::array kLogged = {events::Kind::kTunnel, events::Kind::kSession,
                                events::Kind::kRefusal};

void AppendCause(const events::Cause& cause, std::string* line) {
  if (cause.closed_by == events::ClosedBy::kNobody) return;
  absl::StrAppend(line, " reason=", events::CloseReasonName(cause.reason),
                  " closed_by=", events::ClosedByName(cause.closed_by));
  if (cause.result_code != 0) {
    absl::StrAppend(line, " result_code=", cause.result_code, " error_code=", cause.error_code);
  }
  if (cause.pppd_exit_status >= 0) absl::StrAppend(line, " pppd_exit=", cause.pppd_exit_status);
  if (cause.pppd_signal != 0) absl::StrAppend(line, " pppd_signal=", cause.pppd_signal);
  if (cause.q931_cause) absl::StrAppend(line, " q931=", cause.q931_cause->cause_code);
  if (cause.ppp_cause) {
    absl::StrAppend(line, " ppp_cause=", cause.ppp_cause->code, "/",
                    absl::Hex(cause.ppp_cause->protocol, absl::kZeroPad4), "/",
                    cause.ppp_cause->direction);
  }
  if (!cause.message.empty()) absl::StrAppend(line, " message=", Quoted(cause.message));
}

std::string TunnelLine(EventType type, const events::TunnelInfo& tunnel) {
  std::string line =
      absl::StrCat("tunnel=", tunnel.name, " event=", EventTypeName(type),
                   " remote=", tunnel.remote.ToString(), " id=", tunnel.assigned_tunnel_id.value(),
                   " peer_id=", tunnel.peer_assigned_tunnel_id.value());
  if (!tunnel.peer_host_name.empty()) {
    absl::StrAppend(&line, " peer_host_name=", Quoted(tunnel.peer_host_name));
  }
  AppendCause(tunnel.cause, &line);
  return line;
}

std::string SessionLine(EventType type, const events::SessionInfo& session) {
  std::string line = absl::StrCat("session=", session.name, " event=", EventTypeName(type));
  switch (type) {
    case EventType::kSessionCreated:
    case EventType::kSessionUp:
      absl::StrAppend(&line, " id=", session.assigned_session_id.value(),
                      " peer_id=", session.peer_assigned_session_id.value());
      break;
    case EventType::kSessionLcpUp:
      absl::StrAppend(&line, " send_accm=", absl::Hex(session.lcp->send_accm, absl::kZeroPad8),
                      " receive_accm=", absl::Hex(session.lcp->receive_accm, absl::kZeroPad8),
                      " mru=", session.lcp->mru, " peer_mru=", session.lcp->peer_mru);
      break;
    case EventType::kSessionPppPhase:
      absl::StrAppend(&line, " phase=", PppPhaseName(session.ppp_phase));
      break;
    case EventType::kSessionLcpEcho:
      absl::StrAppend(&line, " unanswered=", session.unanswered_echoes);
      break;
    case EventType::kSessionCcpUp:
      absl::StrAppend(&line, " send=", Quoted(session.ccp->send.method),
                      " send_key_bits=", session.ccp->send.key_bits,
                      " receive=", Quoted(session.ccp->receive.method),
                      " receive_key_bits=", session.ccp->receive.key_bits);
      break;
    case EventType::kSessionAuthenticated:
      absl::StrAppend(&line, " succeeded=", session.auth->succeeded,
                      " method=", session.auth->method, " user=", Quoted(session.auth->user));
      if (session.auth->failure != events::LoginFailure::kNone) {
        absl::StrAppend(&line, " failure=", LoginFailureName(session.auth->failure));
      }
      break;
    case EventType::kSessionIpUp:
      absl::StrAppend(&line, " interface=", session.interface_name,
                      " local=", session.ipv4->local.ToString(),
                      " remote=", session.ipv4->remote.ToString());
      break;
    case EventType::kSessionIpDown:
      absl::StrAppend(&line, " interface=", session.interface_name,
                      " local=", session.last_ipv4->local.ToString(),
                      " remote=", session.last_ipv4->remote.ToString());
      break;
    case EventType::kSessionIpv6Up:
      absl::StrAppend(&line, " interface=", session.interface_name,
                      " local=", session.ipv6->local.ToString(),
                      " remote=", session.ipv6->remote.ToString());
      if (session.ipv6_prefix.address.is_set()) {
        absl::StrAppend(&line, " prefix=", session.ipv6_prefix.ToString());
      }
      break;
    case EventType::kSessionIpv6Down:
      absl::StrAppend(&line, " interface=", session.interface_name,
                      " local=", session.last_ipv6->local.ToString(),
                      " remote=", session.last_ipv6->remote.ToString());
      break;
    case EventType::kSessionLinkInfo:
      absl::StrAppend(
          &line, " from_peer=", session.link_info->from_peer,
          " send_accm=", absl::Hex(session.link_info->send_accm, absl::kZeroPad8),
          " receive_accm=", absl::Hex(session.link_info->receive_accm, absl::kZeroPad8));
      break;
    case EventType::kSessionCallErrors:
      absl::StrAppend(&line, " crc=", session.call_errors->crc_errors,
                      " framing=", session.call_errors->framing_errors,
                      " hardware=", session.call_errors->hardware_overruns,
                      " buffer=", session.call_errors->buffer_overruns,
                      " timeout=", session.call_errors->timeout_errors,
                      " alignment=", session.call_errors->alignment_errors);
      break;
    case EventType::kSessionWaiting:
    case EventType::kSessionReconnecting:
      absl::StrAppend(&line, " failures=", session.reconnect->failures);
      break;
    default: break;
  }
  if (type == EventType::kSessionDown || type == EventType::kSessionDeleted) {
    absl::StrAppend(&line, " tx_bytes=", session.counters.tx_bytes,
                    " rx_bytes=", session.counters.rx_bytes);
    AppendCause(session.cause, &line);
  }
  return line;
}

std::string RefusalLine(EventType type, const events::RefusalInfo& refusal) {
  std::string line = absl::StrCat(refusal.tunnel.empty() ? "" : "tunnel=", refusal.tunnel,
                                  refusal.tunnel.empty() ? "" : " ", "event=", EventTypeName(type));
  if (refusal.remote.address.is_set()) {
    absl::StrAppend(&line, " remote=", refusal.remote.ToString());
  } else {
    absl::StrAppend(&line, " remote=several");
  }
  if (!refusal.host_name.empty()) {
    absl::StrAppend(&line, " peer_host_name=", Quoted(refusal.host_name));
  }
  if (!refusal.called_number.empty()) {
    absl::StrAppend(&line, " called_number=", Quoted(refusal.called_number));
  }
  absl::StrAppend(&line, " count=", refusal.count);
  AppendCause(refusal.cause, &line);
  return line;
}

}  // namespace

std::string LogLine(const events::Event& event) {
  if (const auto* tunnel = std::get_if<events::TunnelInfo>(&event.resource)) {
    return TunnelLine(event.type, *tunnel);
  }
  if (const auto* session = std::get_if<events::SessionInfo>(&event.resource)) {
    return SessionLine(event.type, *session);
  }
  return RefusalLine(event.type, std::get<events::RefusalInfo>(event.resource));
}

EventLogger::EventLogger(asio::io_context& io, control::Controller* controller)
    : io_(io), controller_(controller) {
  Subscribe();
}

EventLogger::~EventLogger() { subscription_->Cancel(); }

void EventLogger::Subscribe() {
  auto subscription =
      controller_->Watch({.filter = {.kinds = {kLogged.begin(), kLogged.end()}}, .own = true},
                         [this, alive = std::weak_ptr<bool>(alive_)] {
                           asio::post(io_, [this, alive] {
                             if (!alive.expired()) Drain();
                           });
                         });
  if (subscription.ok()) subscription_ = *std::move(subscription);
}

void EventLogger::Drain() {
  while (auto item = subscription_->Pop()) {
    if (const auto* event = std::get_if<events::EventPtr>(&*item)) {
      spdlog::info("{}", LogLine(**event));
    }
  }
  if (subscription_->status().ok()) return;
  spdlog::warn("log reason=\"events came faster than they could be written; some are left out\"");
  Subscribe();
}

}  // namespace l2tp
