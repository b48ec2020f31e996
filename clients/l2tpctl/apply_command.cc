#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/apply.h"
#include "clients/l2tpctl/commands.h"
#include "google/protobuf/struct.pb.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"

namespace l2tp::ctl {
namespace {

const char* Word(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kCreate: return "create";
    case Change::Kind::kUpdate: return "update";
    case Change::Kind::kReplace: return "replace";
    case Change::Kind::kDelete: return "delete";
  }
  return "";
}

Style StyleOf(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kCreate: return Style::kGood;
    case Change::Kind::kUpdate: return Style::kBusy;
    default: return Style::kBad;
  }
}

google::protobuf::Struct AsStruct(const Change& change) {
  google::protobuf::Struct message;
  auto& fields = *message.mutable_fields();
  fields["change"].set_string_value(Word(change.kind));
  fields["name"].set_string_value(change.name);
  auto* differences = fields["differences"].mutable_list_value();
  for (const std::string& line : change.differences) {
    differences->add_values()->set_string_value(line);
  }
  return message;
}

int RunApply(Context* context, const std::string& path, const ApplyOptions& options) {
  const absl::StatusOr<Manifest> manifest = ReadManifest(path, context->in);
  if (!manifest.ok()) return context->FailUsage(manifest.status());
  std::map<Change::Kind, int> counts;
  const bool for_programs = IsForPrograms(context->output);
  Apply apply(context, options, [&](const Change& change) {
    ++counts[change.kind];
    if (for_programs) {
      context->out << EncodeItem(AsStruct(change), context->output);
      return;
    }
    context->out << Paint(Word(change.kind), StyleOf(change.kind), context->layout.colors) << " "
                 << change.name << "\n";
    for (const std::string& line : change.differences) context->out << "    " << line << "\n";
  });
  const grpc::Status status = apply.Run(*manifest);
  if (!for_programs) {
    context->err << (options.dry_run ? "would be done: " : "") << counts[Change::Kind::kCreate]
                 << " created, " << counts[Change::Kind::kUpdate] << " updated, "
                 << counts[Change::Kind::kReplace] << " replaced, " << counts[Change::Kind::kDelete]
                 << " deleted, " << apply.unchanged_count() << " unchanged\n";
    if (!status.ok() && !apply.failed_name().empty()) {
      context->err << "l2tpctl: at " << apply.failed_name()
                   << "; what comes after it was not looked at\n";
    }
  }
  return status.ok() ? kOk : context->Fail(status);
}

// ---- export ------------------------------------------------------------------------------------

void DropAppliedLabel(google::protobuf::Map<std::string, std::string>* labels) {
  labels->erase(kAppliedLabel);
}

// As the file should have it: without what the daemon has made up itself.
void Strip(v1::Pool* pool) { DropAppliedLabel(pool->mutable_labels()); }
void Strip(v1::Profile* profile) { DropAppliedLabel(profile->mutable_labels()); }
void Strip(v1::User* user) {
  DropAppliedLabel(user->mutable_labels());
  if (user->enabled()) user->clear_enabled();
}
void Strip(v1::Peer* peer) {
  DropAppliedLabel(peer->mutable_labels());
  if (peer->allow_calls()) peer->clear_allow_calls();
}
void Strip(v1::Tunnel* tunnel) {
  DropAppliedLabel(tunnel->mutable_labels());
  // Whether somebody asked for these is not known any more.
  tunnel->clear_local_ip_address();
  tunnel->clear_local_port();
  if (tunnel->remote_port() == 1701) tunnel->clear_remote_port();
}
void Strip(v1::Session* session) {
  DropAppliedLabel(session->mutable_labels());
  session->clear_interface_name();
  if (session->direction() == v1::Session::DIRECTION_INCOMING) session->clear_direction();
}

template <typename Resource>
bool IsOurs(const Resource& resource) {
  if constexpr (std::is_same_v<Resource, v1::Tunnel> || std::is_same_v<Resource, v1::Session>) {
    return resource.origin() == v1::ORIGIN_LOCAL;
  } else {
    return true;
  }
}

template <typename Method, typename Request, typename Items, typename Resource>
grpc::Status Export(Context* context, Method method, const Request& request, const Items& items,
                    std::vector<Resource>* resources) {
  return ListAll(context, method, request, [&](const auto& page) {
    for (Resource resource : items(page)) {
      if (!IsOurs(resource)) continue;
      Strip(&resource);
      resources->push_back(std::move(resource));
    }
  });
}

int RunExport(Context* context) {
  Manifest manifest;
  v1::ListSessionsRequest sessions;
  sessions.set_parent("tunnels/-");
  grpc::Status status = Export(
      context, &v1::PoolService::Stub::ListPools, v1::ListPoolsRequest(),
      [](const auto& page) { return page.pools(); }, &manifest.pools);
  if (status.ok()) {
    status = Export(
        context, &v1::ProfileService::Stub::ListProfiles, v1::ListProfilesRequest(),
        [](const auto& page) { return page.profiles(); }, &manifest.profiles);
  }
  if (status.ok()) {
    status = Export(
        context, &v1::UserService::Stub::ListUsers, v1::ListUsersRequest(),
        [](const auto& page) { return page.users(); }, &manifest.users);
  }
  if (status.ok()) {
    status = Export(
        context, &v1::PeerService::Stub::ListPeers, v1::ListPeersRequest(),
        [](const auto& page) { return page.peers(); }, &manifest.peers);
  }
  if (status.ok()) {
    status = Export(
        context, &v1::TunnelService::Stub::ListTunnels, v1::ListTunnelsRequest(),
        [](const auto& page) { return page.tunnels(); }, &manifest.tunnels);
  }
  if (status.ok()) {
    status = Export(
        context, &v1::SessionService::Stub::ListSessions, sessions,
        [](const auto& page) { return page.sessions(); }, &manifest.sessions);
  }
  v1::System system;
  if (status.ok()) {
    status = context->Call(&v1::SystemService::Stub::GetSystem, v1::GetSystemRequest(), &system);
  }
  if (!status.ok()) return context->Fail(status);
  SortByParents(&manifest.profiles);
  std::map<std::string, std::string> users, profiles;  // of profiles, of tunnels
  for (const v1::Profile& profile : manifest.profiles) {
    users[profile.name()] = profile.effective().ppp().user();
  }
  for (v1::Tunnel& tunnel : manifest.tunnels) {
    profiles[tunnel.name()] = tunnel.profile();
    if (tunnel.host_name() == system.host_name()) tunnel.clear_host_name();
  }
  for (v1::Session& session : manifest.sessions) {
    if (session.user() == users[session.profile()]) session.clear_user();
    const std::string tunnel = session.name().substr(0, session.name().find("/sessions/"));
    if (session.profile() == profiles[tunnel]) session.clear_profile();
  }
  context->out << "# Secrets are never shown: add secret or secret_file, password or "
                  "password_file.\n"
               << FormatManifest(manifest);
  return kOk;
}

}  // namespace

void AddApplyCommands(CLI::App* app, Context* context, Command* chosen) {
  CLI::App* apply = app->add_subcommand(
      "apply",
      "Make things as a file says\n\n"
      "The file is YAML or JSON in the format of the daemon's configuration: sections pools,\n"
      "profiles, users, peers, tunnels and sessions. What is as it says is left alone, so that it\n"
      "can be applied again at any time, also after an apply that was interrupted.");
  auto path = std::make_shared<std::string>();
  auto options = std::make_shared<ApplyOptions>();
  apply->add_option("-f,--file", *path, "The file; -: standard input")->required();
  apply->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  apply->add_flag("--prune", options->prune,
                  "Delete what an apply has made and the sections of the file do not name");
  apply->add_flag("--replace", options->replace,
                  "Close and open again tunnels and sessions that cannot be changed otherwise");
  apply->add_flag("--force", options->force,
                  "With --prune: also tunnels in which others have calls, which end");
  apply->add_flag("--secrets", options->secrets,
                  "Set the secrets of the file again; whether they differ cannot be seen");
  apply->callback([=] { *chosen = [=] { return RunApply(context, *path, *options); }; });

  CLI::App* dump = app->add_subcommand(
      "export",
      "Print all that is configured as a file for apply\n\n"
      "Without secrets, which nobody is shown, and without tunnels and sessions that peers made.");
  dump->callback([=] { *chosen = [=] { return RunExport(context); }; });
}

}  // namespace l2tp::ctl
