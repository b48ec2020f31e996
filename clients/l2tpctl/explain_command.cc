// l2tpctl explain

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/explain.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"

namespace l2tp::ctl {
namespace {

constexpr int kStoryLength = 60;

const v1::Tunnel* ResourceOf(const v1::Event& event, const v1::Tunnel* /*kind*/) {
  return event.has_tunnel() ? &event.tunnel() : nullptr;
}
const v1::Session* ResourceOf(const v1::Event& event, const v1::Session* /*kind*/) {
  return event.has_session() ? &event.session() : nullptr;
}

// Whether nothing of its resource was before, or will be behind.
bool IsFirst(const v1::Event& event) {
  return event.type() == v1::Event::TYPE_TUNNEL_CREATED ||
         event.type() == v1::Event::TYPE_SESSION_CREATED;
}
bool IsLast(const v1::Event& event) {
  return event.type() == v1::Event::TYPE_TUNNEL_DELETED ||
         event.type() == v1::Event::TYPE_SESSION_DELETED;
}

// The last events of `name` itself, oldest first; of the incarnation `uid`, or, if it is empty, of
// the last one. `last` is what the last of them says.
template <typename Resource>
grpc::Status ReadStory(Context* context, const std::string& name, std::string uid, Story* story,
                       Resource* last) {
  v1::ListEventsRequest request;
  request.set_name(name);
  request.set_newest_first(true);
  request.set_page_size(1000);
  const bool tunnel = std::is_same_v<Resource, v1::Tunnel>;  // without its sessions
  request.add_kinds(tunnel ? v1::Event::KIND_TUNNEL : v1::Event::KIND_SESSION);
  grpc::Status status;
  bool complete = false;
  do {
    v1::ListEventsResponse response;
    status = context->Call(&v1::EventService::Stub::ListEvents, request, &response);
    for (const v1::Event& event : response.events()) {
      const Resource* resource = ResourceOf(event, last);
      if (resource == nullptr || complete) continue;
      if (uid.empty()) uid = resource->uid();
      if (resource->uid() != uid) continue;
      if (story->empty()) *last = *resource;
      story->push_back(event);
      complete = story->size() >= kStoryLength || IsFirst(event);
    }
    request.set_page_token(response.next_page_token());
  } while (status.ok() && !complete && !request.page_token().empty());
  std::reverse(story->begin(), story->end());
  return status;
}

template <typename Resource, typename Stub, typename Request>
int ExplainResource(Context* context, const std::string& name,
                    grpc::Status (Stub::*get)(grpc::ClientContext*, const Request&, Resource*)) {
  Request request;
  request.set_name(name);
  request.set_show_closed(true);
  Resource resource;
  const grpc::Status status = context->Call(get, request, &resource);
  if (!status.ok() && status.error_code() != grpc::StatusCode::NOT_FOUND) {
    return context->Fail(status);
  }
  Story story;
  Resource last;
  const grpc::Status read = ReadStory(context, name, resource.uid(), &story, &last);
  if (!read.ok()) return context->Fail(read);
  if (!status.ok() && story.empty()) {
    const int code = context->Fail(status);
    if (!IsForPrograms(context->output)) {
      context->err << "l2tpctl: what ended long ago is in the daemon's log:\n  journalctl -u "
                      "l2tp-controller --grep "
                   << Printable(name) << "\n";
    }
    return code;
  }
  if (!status.ok()) {
    resource = last;
    // A daemon that is killed tells of no end.
    if (!IsLast(story.back())) {
      resource.set_state(Resource::STATE_CLOSED);
      const bool down = story.back().type() == v1::Event::TYPE_TUNNEL_DOWN ||
                        story.back().type() == v1::Event::TYPE_SESSION_DOWN;
      if (!down) resource.clear_cause();
    }
  }
  context->Print(resource, Explain(resource, story, context->layout));
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
