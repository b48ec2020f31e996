// l2tpctl explain

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/explain.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"

namespace l2tp::ctl {
namespace {

template <typename Resource, typename Stub, typename Request>
int ExplainResource(Context* context, const std::string& name,
                    grpc::Status (Stub::*get)(grpc::ClientContext*, const Request&, Resource*)) {
  Request request;
  request.set_name(name);
  Resource resource;
  const grpc::Status status = context->Call(get, request, &resource);
  if (!status.ok()) {
    const int code = context->Fail(status);
    if (code == kNotFound && !IsForPrograms(context->output)) {
      context->err << "l2tpctl: what has ended is in the daemon's log:\n  journalctl -u "
                      "l2tp-controller --grep "
                   << Printable(name) << "\n";
    }
    return code;
  }
  context->Print(resource, Explain(resource, {}, context->layout));
  return kOk;
}

int Explain(Context* context, const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  // TUNNEL and tunnels/TUNNEL; TUNNEL/SESSION and tunnels/TUNNEL/sessions/SESSION.
  const bool tunnel = parts.size() == 1 || (parts.size() == 2 && parts[0] == "tunnels");
  if (tunnel) {
    return ExplainResource<v1::Tunnel>(context, FullName("tunnels", name),
                                       &v1::TunnelService::Stub::GetTunnel);
  }
  return ExplainResource<v1::Session>(context, FullSessionName(name),
                                      &v1::SessionService::Stub::GetSession);
}

}  // namespace

void AddExplainCommand(CLI::App* app, Context* context, Command* chosen) {
  auto name = std::make_shared<std::string>();
  CLI::App* explain = app->add_subcommand(
      "explain", "Say why a tunnel or session is as it is, and what to do about it");
  explain->add_option("name", *name, "TUNNEL or TUNNEL/SESSION")->required();
  explain->callback([=] { *chosen = [=] { return Explain(context, *name); }; });
}

}  // namespace l2tp::ctl
