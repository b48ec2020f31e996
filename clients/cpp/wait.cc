#include "clients/cpp/wait.h"

#include "clients/cpp/resuming_watcher.h"
#include "grpcpp/client_context.h"
#include "l2tp/v1/event.grpc.pb.h"

namespace l2tp::client {
namespace {

// The tunnel or session of an Event or InitialState, if it is of that kind.
template <typename Message>
const v1::Tunnel* Get(const Message& message, const v1::Tunnel*) {
  return message.has_tunnel() ? &message.tunnel() : nullptr;
}
template <typename Message>
const v1::Session* Get(const Message& message, const v1::Session*) {
  return message.has_session() ? &message.session() : nullptr;
}

bool IsReady(const v1::Tunnel& tunnel) { return tunnel.state() == v1::Tunnel::STATE_ESTABLISHED; }
bool IsReady(const v1::Session& session) {
  return session.state() == v1::Session::STATE_ESTABLISHED &&
         (session.has_ipv4() || session.has_ipv6());
}

bool IsClosed(const v1::Tunnel& tunnel) {
  return tunnel.state() == v1::Tunnel::STATE_CLOSING || tunnel.state() == v1::Tunnel::STATE_CLOSED;
}
// A persistent session comes back, until it is deleted.
bool IsClosed(const v1::Session& session) {
  return !session.persistent() && (session.state() == v1::Session::STATE_CLOSING ||
                                   session.state() == v1::Session::STATE_CLOSED);
}

v1::Event::Kind KindOf(const v1::Tunnel*) { return v1::Event::KIND_TUNNEL; }
v1::Event::Kind KindOf(const v1::Session*) { return v1::Event::KIND_SESSION; }

template <typename Resource>
WaitResult<Resource> Wait(const std::shared_ptr<grpc::Channel>& channel, const std::string& name,
                          const WaitOptions& options) {
  ResumingWatcher::Options watch;
  watch.request.set_name(name);
  watch.request.add_kinds(KindOf(static_cast<const Resource*>(nullptr)));
  watch.request.set_resume_token(options.resume_token);
  watch.request.set_include_initial_state(options.resume_token.empty());
  watch.deadline = options.deadline;
  watch.insist = false;
  ResumingWatcher watcher(channel, watch);

  WaitResult<Resource> result;
  bool seen = !options.resume_token.empty();
  bool last_call = options.restarted;
  while (auto item = watcher.Next()) {
    const v1::WatchResponse& response = item->response;
    if (item->restarted) seen = last_call = false;
    if (response.event().type() == v1::Event::TYPE_SESSION_RECONNECTING) last_call = false;
    const Resource* resource = nullptr;
    if (response.has_event()) {
      resource = Get(response.event(), resource);
      if (resource != nullptr && resource->name() != name) resource = nullptr;
      if (resource != nullptr && options.on_event) options.on_event(response.event());
    } else if (response.has_initial_state()) {
      resource = Get(response.initial_state(), resource);
      if (resource != nullptr && resource->name() != name) resource = nullptr;
    }
    if (resource != nullptr) {
      seen = true;
      result.resource = *resource;
    }
    const bool deleted =
        resource != nullptr && response.event().type() == v1::Event::TYPE_SESSION_DELETED;
    const bool gone = deleted || (response.has_synced() && !seen);
    if (gone || IsClosed(result.resource)) {
      result.outcome = Outcome::kClosed;
      return result;
    }
    if (!last_call && IsReady(result.resource)) {
      result.outcome = Outcome::kReady;
      return result;
    }
  }
  result.status = watcher.status();
  const bool timed_out = result.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  result.outcome = timed_out ? Outcome::kTimedOut : Outcome::kFailed;
  return result;
}

}  // namespace

grpc::Status CurrentToken(const std::shared_ptr<grpc::Channel>& channel,
                          std::chrono::system_clock::time_point deadline, std::string* token) {
  grpc::ClientContext context;
  context.set_deadline(deadline);
  auto stub = v1::EventService::NewStub(channel);
  auto stream = stub->Watch(&context, v1::WatchRequest());
  v1::WatchResponse response;
  const bool received = stream->Read(&response);
  context.TryCancel();
  const grpc::Status status = stream->Finish();
  if (!received) return status;
  *token = response.resume_token();
  return grpc::Status::OK;
}

WaitResult<v1::Tunnel> WaitForTunnel(const std::shared_ptr<grpc::Channel>& channel,
                                     const std::string& name, const WaitOptions& options) {
  return Wait<v1::Tunnel>(channel, name, options);
}

WaitResult<v1::Session> WaitForSession(const std::shared_ptr<grpc::Channel>& channel,
                                       const std::string& name, const WaitOptions& options) {
  return Wait<v1::Session>(channel, name, options);
}

}  // namespace l2tp::client
