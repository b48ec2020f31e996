#include "clients/l2tpctl/sampler.h"

#include <chrono>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "clients/l2tpctl/commands.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/async_unary_call.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kMostAtATime = 32;
constexpr double kSeconds = 10;  // for one call

// A call of GetSession under way.
struct Call {
  size_t index;  // of the line it is for
  grpc::ClientContext context;
  v1::Session session;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::Session>> reader;
};

}  // namespace

Sampler::Sampler(Context* context, std::string tunnel, bool with_tunnels)
    : context_(context), tunnel_(std::move(tunnel)), with_tunnels_(with_tunnels) {}

grpc::Status Sampler::Take(Sample* sample, const std::function<bool()>& cancelled) {
  Sample taken;
  grpc::Status status = List(&taken);
  if (status.ok()) status = AskForCounters(&taken, cancelled);
  if (!status.ok()) return status;
  meter_.ForgetOthers();
  *sample = std::move(taken);
  return grpc::Status::OK;
}

grpc::Status Sampler::List(Sample* sample) {
  grpc::Status status =
      context_->Call(&v1::SystemService::Stub::GetSystem, v1::GetSystemRequest(), &sample->system);
  if (!status.ok()) return status;
  if (with_tunnels_) {
    status = ListAll(context_, &v1::TunnelService::Stub::ListTunnels, v1::ListTunnelsRequest(),
                     [&](const auto& page) {
                       for (const v1::Tunnel& tunnel : page.tunnels()) {
                         if (tunnel_ != "tunnels/-" && tunnel.name() != tunnel_) continue;
                         sample->tunnels.push_back(tunnel);
                       }
                     });
  }
  if (!status.ok()) return status;
  v1::ListSessionsRequest request;
  request.set_parent(tunnel_);
  return ListAll(context_, &v1::SessionService::Stub::ListSessions, request, [&](const auto& page) {
    for (const v1::Session& session : page.sessions()) sample->sessions.push_back({session, {}});
  });
}

grpc::Status Sampler::AskForCounters(Sample* sample, const std::function<bool()>& cancelled) {
  v1::SessionService::Stub stub(context_->channel());
  grpc::CompletionQueue queue;
  std::map<Call*, std::unique_ptr<Call>> calls;
  grpc::Status result;
  size_t next = 0;
  const auto begin_more = [&] {
    for (; result.ok() && next < sample->sessions.size() && calls.size() < kMostAtATime; ++next) {
      const v1::Session& session = sample->sessions[next].session;
      if (session.state() != v1::Session::STATE_ESTABLISHED) continue;
      auto call = std::make_unique<Call>();
      call->index = next;
      call->context.set_deadline(context_->Deadline(kSeconds));
      v1::GetSessionRequest request;
      request.set_name(session.name());
      call->reader = stub.AsyncGetSession(&call->context, request, &queue);
      call->reader->Finish(&call->session, &call->status, call.get());
      calls.emplace(call.get(), std::move(call));
    }
  };
  const auto give_up = [&](const grpc::Status& status) {
    if (!result.ok()) return;
    result = status;
    for (const auto& [pointer, call] : calls) call->context.TryCancel();
  };
  for (begin_more(); !calls.empty(); begin_more()) {
    void* tag = nullptr;
    bool ok = false;
    const auto until = std::chrono::system_clock::now() + std::chrono::milliseconds(100);
    const auto got = queue.AsyncNext(&tag, &ok, until);
    if (cancelled()) give_up(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled"));
    if (got != grpc::CompletionQueue::GOT_EVENT) continue;
    const auto call = std::move(calls.extract(static_cast<Call*>(tag)).mapped());
    if (call->status.ok()) {
      Sample::Line& line = sample->sessions[call->index];
      line.session = call->session;
      line.rates = meter_.Update(call->session, std::chrono::steady_clock::now());
    } else if (call->status.error_code() != grpc::StatusCode::NOT_FOUND) {
      give_up(call->status);  // one that is not found has just ended
    }
  }
  return result;
}

}  // namespace l2tp::ctl
