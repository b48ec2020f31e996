// l2tpctl session ...

#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/close_options.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/filter_options.h"
#include "clients/l2tpctl/waiting.h"
#include "google/protobuf/struct.pb.h"
#include "l2tp/v1/session.grpc.pb.h"

namespace l2tp::ctl {
namespace {

using Stub = v1::SessionService::Stub;

struct CreateOptions {
  std::string tunnel;
  std::string id;
  std::string password_file;
  std::string to;           // with the tunnel "-": the peer
  std::string secret_file;  // of the tunnel to it
  bool outgoing = false;
  bool persistent = false;
  bool wait = false;
  FieldOptions fields;
};

absl::Status MakeRequest(Context* context, const CreateOptions& options,
                         v1::CreateSessionRequest* request) {
  v1::Session* session = request->mutable_session();
  if (absl::Status status = options.fields.Apply(context->in, session); !status.ok()) return status;
  request->set_parent(FullName("tunnels", options.tunnel));
  request->set_session_id(options.id);
  if (options.persistent) session->set_persistent(true);
  if (options.outgoing) session->set_direction(v1::Session::DIRECTION_OUTGOING);
  if (!options.to.empty()) {
    v1::Tunnel* tunnel = request->mutable_tunnel();
    const auto remote = SplitEndpoint(options.to);
    if (!remote.ok()) return remote.status();
    tunnel->set_remote_ip_address(remote->first);
    tunnel->set_remote_port(remote->second);
    tunnel->set_profile(session->profile());
    const auto secret = ReadSecret(options.secret_file, "L2TPCTL_SECRET", context->in);
    if (!secret.ok()) return secret.status();
    tunnel->set_secret(*secret);
  }
  const auto password = ReadSecret(options.password_file, "L2TPCTL_PASSWORD", context->in);
  if (!password.ok()) return password.status();
  if (!password->empty()) session->set_password(*password);
  return absl::OkStatus();
}

int Create(Context* context, const CreateOptions& options) {
  v1::CreateSessionRequest request;
  if (absl::Status status = MakeRequest(context, options, &request); !status.ok()) {
    return context->FailUsage(status);
  }
  std::string token;
  if (options.wait) {
    const auto status = client::CurrentToken(context->channel(), context->Deadline(10), &token);
    if (!status.ok()) return context->Fail(status);
  }
  v1::Session session;
  const grpc::Status status = context->Call(&Stub::CreateSession, request, &session);
  if (!status.ok()) return context->Fail(status);
  if (!options.wait) {
    context->Print(session, session.name() + "\n");
    return kOk;
  }
  return ReportWait(context, session.name(),
                    client::WaitForSession(context->channel(), session.name(),
                                           WaitShowingProgress(context, token)));
}

// The address at the other end of a session, or why there is none.
std::string Remote(const v1::Session& session) {
  if (session.has_ipv4()) return session.ipv4().remote_ip_address();
  if (session.has_ipv6()) return session.ipv6().remote_ip_address();
  if (session.state() == v1::Session::STATE_WAITING) {
    return absl::StrCat("until ", FormatTime(session.reconnect().next_attempt_time()));
  }
  return session.protocol_state();
}

std::string User(const v1::Session& session) {
  return session.has_auth() && !session.auth().user().empty() ? session.auth().user()
                                                              : session.user();
}

int List(Context* context, const std::string& tunnel, const FilterOptions& filter, bool closed) {
  std::vector<v1::Session> sessions;
  v1::ListSessionsRequest request;
  request.set_show_closed(closed);
  if (absl::Status good = filter.Apply(request.mutable_filter()); !good.ok()) {
    return context->FailUsage(good);
  }
  request.set_parent(FullName("tunnels", tunnel));
  const grpc::Status status = ListAll(context, &Stub::ListSessions, request, [&](const auto& page) {
    sessions.insert(sessions.end(), page.sessions().begin(), page.sessions().end());
  });
  if (!status.ok()) return context->Fail(status);
  if (IsForPrograms(context->output)) {
    context->out << EncodeList(sessions, context->output);
    return kOk;
  }
  Table table(
      {"SESSION", "STATE", "ROLE", "INTERFACE", "LOCAL", "REMOTE", "USER"},
      {"PROFILE", "CALLED", "CALLING", "ID", "PEER ID", "PPP", "MTU", "ESTABLISHED", "CAUSE"});
  table.SetStyle(1, StyleOfState);
  table.Keep(1);
  for (const v1::Session& session : sessions) {
    table.AddRow(
        {ShortName(session.name()), Lower(v1::Session::State_Name(session.state()), "STATE_"),
         Lower(v1::Session::Role_Name(session.role()), "ROLE_"), session.interface_name(),
         session.ipv4().local_ip_address(), Remote(session), User(session),
         ShortName(session.profile()), session.called_number(), session.calling_number(),
         absl::StrCat(session.assigned_session_id()),
         absl::StrCat(session.peer_assigned_session_id()),
         Lower(v1::Session::PppPhase_Name(session.ppp_phase()), "PPP_PHASE_"),
         absl::StrCat(session.mtu()), FormatTime(session.establish_time()), ReasonOf(session)});
  }
  context->Print(table);
  return kOk;
}

int Show(Context* context, const std::string& name, bool closed) {
  v1::GetSessionRequest request;
  request.set_show_closed(closed);
  request.set_name(FullSessionName(name));
  v1::Session session;
  const grpc::Status status = context->Call(&Stub::GetSession, request, &session);
  if (!status.ok()) return context->Fail(status);
  context->Print(session, Describe(session));
  return kOk;
}

int Delete(Context* context, v1::DeleteSessionRequest request, bool wait) {
  request.set_name(FullSessionName(request.name()));
  std::unique_ptr<DeletionProgress> progress;
  if (wait) progress = std::make_unique<DeletionProgress>(context, request.name());
  google::protobuf::Empty nothing;
  const grpc::Status status = context->Call(&Stub::DeleteSession, request, &nothing, 30);
  if (!status.ok()) {
    progress.reset();
    return context->Fail(status);
  }
  if (wait && !request.allow_missing()) progress->Finish();
  return kOk;
}

void AddCreate(CLI::App* group, Context* context, Command* chosen) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App* create = group->add_subcommand("create", "Place a call; prints the session's name");
  create->add_option("tunnel", options->tunnel, "Tunnel to place it in; -: the one to --to")
      ->required();
  create->add_option("id", options->id, "Id of the session; the daemon makes one up without it");
  create->add_option("--password-file", options->password_file,
                     "File with the password of --user; -: stdin. Or set L2TPCTL_PASSWORD");
  create->add_option("--to", options->to,
                     "ADDRESS[:PORT] of the peer; the tunnel to it is opened if there is none");
  create->add_option("--secret-file", options->secret_file,
                     "File with the secret of that tunnel; -: stdin. Or set L2TPCTL_SECRET");
  create->add_flag("--outgoing", options->outgoing,
                   "Ask the peer to place the call: we are LNS, it is LAC");
  create->add_flag("--persistent", options->persistent,
                   "Place it again, and open its tunnel again, whenever it ends");
  create->add_flag("--wait", options->wait, "Return when PPP has an address, or it has failed");
  options->fields.AddTo(create,
                        {{"--profile", "profile", "Profile; the tunnel's without it"},
                         {"--user", "user", "Name under which we log in"},
                         {"--interface-name", "interface_name", "Name of the network interface"},
                         {"--called-number", "called_number", "Called Number AVP"},
                         {"--calling-number", "calling_number", "Calling Number AVP"},
                         {"--sub-address", "sub_address", "Sub-Address AVP"},
                         {"--group", "private_group_id", "Private Group ID AVP"},
                         {"--minimum-bps", "minimum_bps", "With --outgoing: least speed, bit/s"},
                         {"--maximum-bps", "maximum_bps", "With --outgoing: most speed, bit/s"}});
  create->callback([=] { *chosen = [=] { return Create(context, *options); }; });
}

void AddDelete(CLI::App* group, Context* context, Command* chosen) {
  auto request = std::make_shared<v1::DeleteSessionRequest>();
  auto name = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  CLI::App* remove = group->add_subcommand("delete", "Close a session; returns when it is gone");
  remove->add_option("session", *name, "TUNNEL/SESSION")->required();
  remove->add_flag_callback(
      "--allow-missing", [=] { request->set_allow_missing(true); }, "Succeed if there is none");
  AddCloseOptions(remove, request, "CDN");
  remove->add_flag("--wait", *wait, "Show what happens meanwhile");
  remove->callback([=] {
    *chosen = [=] {
      request->set_name(*name);
      return Delete(context, *request, *wait);
    };
  });
}

int Restart(Context* context, const v1::RestartSessionRequest& request, bool wait) {
  std::string token;
  if (wait) {
    const auto status = client::CurrentToken(context->channel(), context->Deadline(10), &token);
    if (!status.ok()) return context->Fail(status);
  }
  v1::Session session;
  const grpc::Status status = context->Call(&Stub::RestartSession, request, &session);
  if (!status.ok()) return context->Fail(status);
  if (!wait) return context->Print(session, ""), static_cast<int>(kOk);
  client::WaitOptions options = WaitShowingProgress(context, token);
  options.restarted = true;
  return ReportWait(context, session.name(),
                    client::WaitForSession(context->channel(), session.name(), options));
}

void AddRestart(CLI::App* group, Context* context, Command* chosen) {
  auto request = std::make_shared<v1::RestartSessionRequest>();
  auto name = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  CLI::App* restart = group->add_subcommand(
      "restart", "End a persistent session's call and place it again, or at once if it waits");
  restart->add_option("session", *name, "TUNNEL/SESSION")->required();
  AddCloseOptions(restart, request, "CDN");
  restart->add_flag("--wait", *wait, "Return when it is up again");
  restart->callback([=] {
    *chosen = [=] {
      request->set_name(FullSessionName(*name));
      return Restart(context, *request, *wait);
    };
  });
}

// All that match, a page at a time.
int Close(Context* context, v1::CloseSessionsRequest request, const FilterOptions& filter) {
  if (absl::Status good = filter.Apply(request.mutable_filter()); !good.ok()) {
    return context->FailUsage(good);
  }
  int64_t closed = 0;
  do {
    v1::CloseSessionsResponse response;
    const grpc::Status status = context->Call(&Stub::CloseSessions, request, &response);
    if (!status.ok()) return context->Fail(status);
    closed += response.closed_count();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  google::protobuf::Struct answer;
  (*answer.mutable_fields())["closed_count"].set_number_value(static_cast<double>(closed));
  context->Print(answer, absl::StrCat(closed, closed == 1 ? " session is" : " sessions are",
                                      " being closed\n"));
  return kOk;
}

void AddClose(CLI::App* group, Context* context, Command* chosen) {
  auto request = std::make_shared<v1::CloseSessionsRequest>();
  auto filter = std::make_shared<FilterOptions>();
  auto tunnel = std::make_shared<std::string>("-");
  CLI::App* close = group->add_subcommand(
      "close", "Close all sessions that match; does not wait until they are gone");
  filter->AddForSessions(close);
  close->add_option("--tunnel", *tunnel, "Only those of this tunnel");
  AddCloseOptions(close, request, "CDN");
  close->callback([=] {
    *chosen = [=] {
      request->set_parent(FullName("tunnels", *tunnel));
      return Close(context, *request, *filter);
    };
  });
}

void AddLabel(CLI::App* group, Context* context, Command* chosen) {
  auto name = std::make_shared<std::string>();
  auto labels = std::make_shared<std::vector<std::string>>();
  CLI::App* label =
      group->add_subcommand("label", "Give a session these labels in place of those it has");
  label->add_option("session", *name, "TUNNEL/SESSION")->required();
  label->add_option("labels", *labels, "KEY=VALUE ...; without any, it has none");
  label->callback([=] {
    *chosen = [=] {
      v1::UpdateSessionRequest request;
      request.mutable_session()->set_name(FullSessionName(*name));
      request.mutable_update_mask()->add_paths("labels");
      absl::Status good = SetLabels(*labels, request.mutable_session()->mutable_labels());
      if (!good.ok()) return context->FailUsage(good);
      v1::Session session;
      const grpc::Status status = context->Call(&Stub::UpdateSession, request, &session);
      if (!status.ok()) return context->Fail(status);
      if (IsForPrograms(context->output)) context->Print(session, "");
      return static_cast<int>(kOk);
    };
  });
}

void AddReportErrors(CLI::App* group, Context* context, Command* chosen) {
  auto request = std::make_shared<v1::ReportCallErrorsRequest>();
  CLI::App* report = group->add_subcommand(
      "report-errors", "Tell the LNS of errors on the caller's line, at most once a minute");
  auto name = std::make_shared<std::string>();
  report->add_option("session", *name, "TUNNEL/SESSION")->required();
  auto fields = std::make_shared<FieldOptions>();
  fields->AddTo(report, {{"--crc", "crc_error_count", "Frames with a wrong checksum"},
                         {"--framing", "framing_error_count", "Frames with a framing error"},
                         {"--hardware", "hardware_overrun_count", "Overruns of the hardware"},
                         {"--buffer", "buffer_overrun_count", "Overruns of a buffer"},
                         {"--timeout-errors", "timeout_error_count", "Timeouts"},
                         {"--alignment", "alignment_error_count", "Alignment errors"}});
  report->callback([=] {
    *chosen = [=] {
      request->set_name(FullSessionName(*name));
      if (absl::Status status = fields->Apply(context->in, request->mutable_call_errors());
          !status.ok()) {
        return context->FailUsage(status);
      }
      v1::Session session;
      const grpc::Status status = context->Call(&Stub::ReportCallErrors, *request, &session);
      if (!status.ok()) return context->Fail(status);
      if (IsForPrograms(context->output)) context->Print(session, "");
      return static_cast<int>(kOk);
    };
  });
}

}  // namespace

void AddSessionCommands(CLI::App* app, Context* context, Command* chosen) {
  CLI::App* group = app->add_subcommand("session", "Place, look at and close calls");
  group->require_subcommand(1);
  AddCreate(group, context, chosen);
  auto tunnel = std::make_shared<std::string>("-");
  CLI::App* list = group->add_subcommand("list", "List sessions");
  list->add_option("tunnel", *tunnel, "Only those of this tunnel");
  auto filter = std::make_shared<FilterOptions>();
  auto list_closed = std::make_shared<bool>(false);
  filter->AddForSessions(list);
  list->add_flag("--closed", *list_closed, "Also those that are gone and still known");
  list->callback([=] { *chosen = [=] { return List(context, *tunnel, *filter, *list_closed); }; });
  auto name = std::make_shared<std::string>();
  CLI::App* show = group->add_subcommand("show", "Show one session, with fresh counters");
  auto closed = std::make_shared<bool>(false);
  show->add_option("session", *name, "TUNNEL/SESSION")->required();
  show->add_flag("--closed", *closed, "Also if it is gone and still known");
  show->callback([=] { *chosen = [=] { return Show(context, *name, *closed); }; });
  AddReportErrors(group, context, chosen);
  AddRestart(group, context, chosen);
  AddDelete(group, context, chosen);
  AddClose(group, context, chosen);
  AddLabel(group, context, chosen);
}

}  // namespace l2tp::ctl
