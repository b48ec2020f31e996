// l2tpctl tunnel ...

#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/close_options.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/filter_options.h"
#include "clients/l2tpctl/waiting.h"
#include "l2tp/v1/tunnel.grpc.pb.h"

namespace l2tp::ctl {
namespace {

using Stub = v1::TunnelService::Stub;

struct CreateOptions {
  std::string id;
  std::string remote;
  std::string local;
  std::string secret_file;
  bool wait = false;
  FieldOptions fields;
};

absl::Status MakeRequest(Context* context, const CreateOptions& options,
                         v1::CreateTunnelRequest* request) {
  v1::Tunnel* tunnel = request->mutable_tunnel();
  if (absl::Status status = options.fields.Apply(context->in, tunnel); !status.ok()) return status;
  request->set_tunnel_id(options.id);
  if (!options.remote.empty()) {
    const auto remote = SplitEndpoint(options.remote);
    if (!remote.ok()) return remote.status();
    tunnel->set_remote_ip_address(remote->first);
    tunnel->set_remote_port(remote->second);
  }
  if (!options.local.empty()) {
    const auto local = SplitEndpoint(options.local);
    if (!local.ok()) return local.status();
    tunnel->set_local_ip_address(local->first);
    tunnel->set_local_port(local->second);
  }
  const auto secret = ReadSecret(options.secret_file, "L2TPCTL_SECRET", context->in);
  if (!secret.ok()) return secret.status();
  if (!secret->empty()) tunnel->set_secret(*secret);
  return absl::OkStatus();
}

int Create(Context* context, const CreateOptions& options) {
  v1::CreateTunnelRequest request;
  if (absl::Status status = MakeRequest(context, options, &request); !status.ok()) {
    return context->FailUsage(status);
  }
  std::string token;
  if (options.wait) {
    const auto status = client::CurrentToken(context->channel(), context->Deadline(10), &token);
    if (!status.ok()) return context->Fail(status);
  }
  v1::Tunnel tunnel;
  const grpc::Status status = context->Call(&Stub::CreateTunnel, request, &tunnel);
  if (!status.ok()) return context->Fail(status);
  if (!options.wait) {
    context->Print(tunnel, tunnel.name() + "\n");
    return kOk;
  }
  return ReportWait(context, tunnel.name(),
                    client::WaitForTunnel(context->channel(), tunnel.name(),
                                          WaitShowingProgress(context, token)));
}

int List(Context* context, const FilterOptions& filter, bool closed) {
  v1::ListTunnelsRequest request;
  request.set_show_closed(closed);
  if (absl::Status good = filter.Apply(request.mutable_filter()); !good.ok()) {
    return context->FailUsage(good);
  }
  std::vector<v1::Tunnel> tunnels;
  const grpc::Status status = ListAll(context, &Stub::ListTunnels, request, [&](const auto& page) {
    tunnels.insert(tunnels.end(), page.tunnels().begin(), page.tunnels().end());
  });
  if (!status.ok()) return context->Fail(status);
  if (IsForPrograms(context->output)) {
    context->out << EncodeList(tunnels, context->output);
    return kOk;
  }
  Table table(
      {"TUNNEL", "STATE", "REMOTE", "PEER HOST", "SESSIONS", "ESTABLISHED"},
      {"OPENED BY", "PROFILE", "LOCAL", "ID", "PEER ID", "PEER VENDOR", "RETRANSMITS", "CAUSE"});
  table.SetStyle(1, StyleOfState);
  table.Keep(1);
  for (const v1::Tunnel& tunnel : tunnels) {
    table.AddRow(
        {ShortName(tunnel.name()), Lower(v1::Tunnel::State_Name(tunnel.state()), "STATE_"),
         FormatEndpoint(tunnel.remote_ip_address(), tunnel.remote_port()), tunnel.peer_host_name(),
         absl::StrCat(tunnel.session_count()), FormatTime(tunnel.establish_time()),
         tunnel.origin() == v1::ORIGIN_PEER ? "peer" : "us", ShortName(tunnel.profile()),
         FormatEndpoint(tunnel.local_ip_address(), tunnel.local_port()),
         absl::StrCat(tunnel.assigned_tunnel_id()), absl::StrCat(tunnel.peer_assigned_tunnel_id()),
         tunnel.peer_vendor_name(), absl::StrCat(tunnel.retransmit_count()), ReasonOf(tunnel)});
  }
  context->Print(table);
  return kOk;
}

int Show(Context* context, const std::string& name, bool closed) {
  v1::GetTunnelRequest request;
  request.set_show_closed(closed);
  request.set_name(FullName("tunnels", name));
  v1::Tunnel tunnel;
  const grpc::Status status = context->Call(&Stub::GetTunnel, request, &tunnel);
  if (!status.ok()) return context->Fail(status);
  context->Print(tunnel, Describe(tunnel));
  return kOk;
}

int Delete(Context* context, v1::DeleteTunnelRequest request, bool wait) {
  request.set_name(FullName("tunnels", request.name()));
  std::unique_ptr<DeletionProgress> progress;
  if (wait) progress = std::make_unique<DeletionProgress>(context, request.name());
  google::protobuf::Empty nothing;
  const grpc::Status status = context->Call(&Stub::DeleteTunnel, request, &nothing, 30);
  if (!status.ok()) {
    progress.reset();
    return context->Fail(status);
  }
  if (wait && !request.allow_missing()) progress->Finish();
  return kOk;
}

void AddCreate(CLI::App* group, Context* context, Command* chosen) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App* create = group->add_subcommand("create", "Open a tunnel; prints its name");
  create->add_option("id", options->id, "Id of the tunnel; the daemon makes one up without it");
  create->add_option("--remote", options->remote, "The peer")->type_name("ADDRESS[:PORT]");
  create->add_option("--local", options->local, "Our side")->type_name("ADDRESS[:PORT]");
  create->add_option("--secret-file", options->secret_file,
                     "File with the tunnel's secret; -: stdin. Or set L2TPCTL_SECRET");
  create->add_flag("--wait", options->wait, "Return when it is up or has failed");
  options->fields.AddTo(
      create,
      {{"--profile", "profile", "Profile of the tunnel and its sessions"},
       {"--host-name", "host_name", "Host Name AVP we send"},
       {"--allow-calls", "allow_calls", "Whether the peer may place calls in it: true or false"},
       {"--allow-outgoing-calls", "allow_outgoing_calls",
        "Whether it may ask us for outgoing calls: true or false"},
       {"--debug", "debug", "Log its control messages and states: true or false"}});
  create->callback([=] { *chosen = [=] { return Create(context, *options); }; });
}

void AddLabel(CLI::App* group, Context* context, Command* chosen) {
  auto name = std::make_shared<std::string>();
  auto labels = std::make_shared<std::vector<std::string>>();
  CLI::App* label =
      group->add_subcommand("label", "Give a tunnel these labels in place of those it has");
  label->add_option("tunnel", *name)->required();
  label->add_option("labels", *labels, "KEY=VALUE ...; without any, it has none");
  label->callback([=] {
    *chosen = [=] {
      v1::UpdateTunnelRequest request;
      request.mutable_tunnel()->set_name(FullName("tunnels", *name));
      request.mutable_update_mask()->add_paths("labels");
      absl::Status good = SetLabels(*labels, request.mutable_tunnel()->mutable_labels());
      if (!good.ok()) return context->FailUsage(good);
      v1::Tunnel tunnel;
      const grpc::Status status = context->Call(&Stub::UpdateTunnel, request, &tunnel);
      if (!status.ok()) return context->Fail(status);
      if (IsForPrograms(context->output)) context->Print(tunnel, "");
      return static_cast<int>(kOk);
    };
  });
}

void AddDebug(CLI::App* group, Context* context, Command* chosen) {
  auto name = std::make_shared<std::string>();
  auto on_off = std::make_shared<std::string>();
  CLI::App* debug = group->add_subcommand(
      "debug", "Let the daemon log a tunnel's control messages and states, or no longer");
  debug->add_option("tunnel", *name)->required();
  debug->add_option("switch", *on_off, "on or off")
      ->required()
      ->check(CLI::IsMember({"on", "off"}));
  debug->callback([=] {
    *chosen = [=] {
      v1::UpdateTunnelRequest request;
      request.mutable_tunnel()->set_name(FullName("tunnels", *name));
      request.mutable_tunnel()->set_debug(*on_off == "on");
      request.mutable_update_mask()->add_paths("debug");
      v1::Tunnel tunnel;
      const grpc::Status status = context->Call(&Stub::UpdateTunnel, request, &tunnel);
      if (!status.ok()) return context->Fail(status);
      if (IsForPrograms(context->output)) context->Print(tunnel, "");
      return static_cast<int>(kOk);
    };
  });
}

void AddRestart(CLI::App* group, Context* context, Command* chosen) {
  auto request = std::make_shared<v1::RestartTunnelRequest>();
  auto name = std::make_shared<std::string>();
  CLI::App* restart = group->add_subcommand(
      "restart", "Close a tunnel; its persistent sessions open it again, others end");
  restart->add_option("tunnel", *name)->required();
  restart->add_flag_callback(
      "--force", [=] { request->set_force(true); },
      "Although it has sessions that will not come back");
  AddCloseOptions(restart, request, "StopCCN");
  restart->callback([=] {
    *chosen = [=] {
      request->set_name(FullName("tunnels", *name));
      v1::Tunnel tunnel;
      const grpc::Status status = context->Call(&Stub::RestartTunnel, *request, &tunnel);
      if (!status.ok()) return context->Fail(status);
      context->Print(tunnel, "");
      return static_cast<int>(kOk);
    };
  });
}

void AddDelete(CLI::App* group, Context* context, Command* chosen) {
  auto request = std::make_shared<v1::DeleteTunnelRequest>();
  auto name = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  CLI::App* remove = group->add_subcommand("delete", "Close a tunnel; returns when it is gone");
  remove->add_option("tunnel", *name)->required();
  remove->add_flag_callback(
      "--force", [=] { request->set_force(true); }, "Although it has sessions");
  remove->add_flag_callback(
      "--allow-missing", [=] { request->set_allow_missing(true); }, "Succeed if there is none");
  AddCloseOptions(remove, request, "StopCCN");
  remove->add_flag("--wait", *wait, "Show what happens meanwhile");
  remove->callback([=] {
    *chosen = [=] {
      request->set_name(*name);
      return Delete(context, *request, *wait);
    };
  });
}

}  // namespace

void AddTunnelCommands(CLI::App* app, Context* context, Command* chosen) {
  CLI::App* group = app->add_subcommand("tunnel", "Open, look at and close tunnels");
  group->require_subcommand(1);
  AddCreate(group, context, chosen);
  CLI::App* list = group->add_subcommand("list", "List tunnels");
  auto filter = std::make_shared<FilterOptions>();
  auto list_closed = std::make_shared<bool>(false);
  filter->AddForTunnels(list);
  list->add_flag("--closed", *list_closed, "Also those that are gone and still known");
  list->callback([=] { *chosen = [=] { return List(context, *filter, *list_closed); }; });
  auto name = std::make_shared<std::string>();
  CLI::App* show = group->add_subcommand("show", "Show one tunnel");
  auto closed = std::make_shared<bool>(false);
  show->add_option("tunnel", *name)->required();
  show->add_flag("--closed", *closed, "Also if it is gone and still known");
  show->callback([=] { *chosen = [=] { return Show(context, *name, *closed); }; });
  AddLabel(group, context, chosen);
  AddDebug(group, context, chosen);
  AddRestart(group, context, chosen);
  AddDelete(group, context, chosen);
}

}  // namespace l2tp::ctl
