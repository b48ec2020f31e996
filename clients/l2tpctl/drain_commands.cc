// l2tpctl system drain, peer drain, tunnel drain, and their undrain.

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"

namespace l2tp::ctl {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};

struct SystemDrain {
  using Resource = v1::System;
  using Drain = v1::DrainSystemRequest;
  using Undrain = v1::UndrainSystemRequest;
  static constexpr char kName[] = "system";
  static constexpr char kCollection[] = "";
  static constexpr char kWhat[] = "Take no new tunnels and calls; what is there lives on";
  static constexpr auto kDrain = &v1::SystemService::Stub::DrainSystem;
  static constexpr auto kUndrain = &v1::SystemService::Stub::UndrainSystem;

  static grpc::Status CountSessions(Context* context, const std::string& /*name*/, int64_t* count) {
    v1::System system;
    const grpc::Status status =
        context->Call(&v1::SystemService::Stub::GetSystem, v1::GetSystemRequest(), &system);
    *count = system.session_count() - system.waiting_session_count();
    return status;
  }
};

struct PeerDrain {
  using Resource = v1::Peer;
  using Drain = v1::DrainPeerRequest;
  using Undrain = v1::UndrainPeerRequest;
  static constexpr char kName[] = "peer";
  static constexpr char kCollection[] = "peers";
  static constexpr char kWhat[] = "Take no new tunnels and calls of a peer; what is there lives on";
  static constexpr auto kDrain = &v1::PeerService::Stub::DrainPeer;
  static constexpr auto kUndrain = &v1::PeerService::Stub::UndrainPeer;

  static grpc::Status CountSessions(Context* context, const std::string& name, int64_t* count) {
    v1::ListTunnelsRequest request;
    request.mutable_filter()->set_peer(name);
    *count = 0;
    return ListAll(context, &v1::TunnelService::Stub::ListTunnels, request, [&](const auto& page) {
      for (const v1::Tunnel& tunnel : page.tunnels()) *count += tunnel.session_count();
    });
  }
};

struct TunnelDrain {
  using Resource = v1::Tunnel;
  using Drain = v1::DrainTunnelRequest;
  using Undrain = v1::UndrainTunnelRequest;
  static constexpr char kName[] = "tunnel";
  static constexpr char kCollection[] = "tunnels";
  static constexpr char kWhat[] = "Take no new calls in a tunnel; its sessions live on";
  static constexpr auto kDrain = &v1::TunnelService::Stub::DrainTunnel;
  static constexpr auto kUndrain = &v1::TunnelService::Stub::UndrainTunnel;

  static grpc::Status CountSessions(Context* context, const std::string& name, int64_t* count) {
    v1::GetTunnelRequest request;
    request.set_name(name);
    v1::Tunnel tunnel;
    const grpc::Status status =
        context->Call(&v1::TunnelService::Stub::GetTunnel, request, &tunnel);
    *count = tunnel.session_count();
    // A peer that is told to try another may close the empty tunnel.
    return status.error_code() == grpc::StatusCode::NOT_FOUND ? grpc::Status::OK : status;
  }
};

// Until no session is left.
template <typename Kind>
int WaitUntilEmpty(Context* context, const std::string& name) {
  const auto deadline = context->Deadline(context->timeout);
  int64_t shown = -1;
  while (true) {
    int64_t count = 0;
    const grpc::Status status = Kind::CountSessions(context, name, &count);
    if (!status.ok()) return context->Fail(status);
    if (count != shown) context->err << "sessions left: " << count << "\n" << std::flush;
    if (count == 0) return kOk;
    shown = count;
    if (context->timeout > 0 && std::chrono::system_clock::now() >= deadline) {
      context->err << "l2tpctl: timed out; it goes on draining\n";
      return kTimedOut;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

template <typename Kind>
void AddTo(CLI::App* app, Context* context, Command* chosen) {
  CLI::App* group = app->get_subcommand(Kind::kName);
  const bool named = *Kind::kCollection != '\0';
  auto name = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  const auto full_name = [=] { return named ? FullName(Kind::kCollection, *name) : ""; };

  CLI::App* drain = group->add_subcommand("drain", Kind::kWhat);
  if (named) drain->add_option(Kind::kName, *name)->required();
  drain->add_flag(
      "--wait", *wait,
      "Return when no session is left, or after --timeout; without, as long as it takes");
  drain->callback([=] {
    *chosen = [=] {
      typename Kind::Drain request;
      request.set_name(full_name());
      typename Kind::Resource resource;
      const grpc::Status status = context->Call(Kind::kDrain, request, &resource);
      if (!status.ok()) return context->Fail(status);
      if (!*wait) return context->Print(resource, ""), static_cast<int>(kOk);
      return WaitUntilEmpty<Kind>(context, request.name());
    };
  });

  CLI::App* undrain = group->add_subcommand("undrain", "Take what is new again");
  if (named) undrain->add_option(Kind::kName, *name)->required();
  undrain->callback([=] {
    *chosen = [=] {
      typename Kind::Undrain request;
      request.set_name(full_name());
      typename Kind::Resource resource;
      const grpc::Status status = context->Call(Kind::kUndrain, request, &resource);
      if (!status.ok()) return context->Fail(status);
      context->Print(resource, "");
      return static_cast<int>(kOk);
    };
  });
}

}  // namespace

void AddDrainCommands(CLI::App* app, Context* context, Command* chosen) {
  AddTo<SystemDrain>(app, context, chosen);
  AddTo<PeerDrain>(app, context, chosen);
  AddTo<TunnelDrain>(app, context, chosen);
}

}  // namespace l2tp::ctl
