// The way of a unary call: gRPC thread -> loop thread -> answer.

#ifndef L2TP_SERVER_API_UNARY_CALL_H_
#define L2TP_SERVER_API_UNARY_CALL_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/api/call_environment.h"
#include "server/api/paging.h"
#include "server/api/request_ids.h"
#include "server/api/status.h"
#include "server/api/to_proto.h"
#include "server/base/error.h"

namespace l2tp::api {

// Finishes a call exactly once: when it is called, or else, with SHUTTING_DOWN, when it is
// destroyed, as happens to work that the loop did not come to.
class Reply {
 public:
  Reply(grpc::ServerUnaryReactor* reactor, AdmittedCall call)
      : reactor_(reactor), call_(std::move(call)) {}
  Reply(Reply&& other) noexcept
      : reactor_(std::exchange(other.reactor_, nullptr)), call_(std::move(other.call_)) {}
  Reply& operator=(Reply&&) = delete;
  ~Reply() {
    if (reactor_ != nullptr) {
      (*this)(MakeError(Reason::kShuttingDown, "the daemon stopped before it answered"));
    }
  }

  // What the call was to fill in must be filled in by now, and is not to be touched after this.
  void operator()(const absl::Status& status) {
    call_.Finish(status);
    std::exchange(reactor_, nullptr)->Finish(ToGrpcStatus(status));
  }

  // Of the audit log.
  const std::string& who() const { return call_.who(); }

 private:
  grpc::ServerUnaryReactor* reactor_;
  AdmittedCall call_;
};

// Runs `work(command, reply)` on the loop thread; answers at once when the caller may not make this
// call, `command` is an error, or the loop has too much to do. A caller who goes away does not stop
// the work.
template <typename Request, typename Response, typename Command, typename Work>
grpc::ServerUnaryReactor* RunOnLoop(grpc::CallbackServerContext* context,
                                    const CallEnvironment& calls, const Request* request,
                                    const Response* response, absl::StatusOr<Command> command,
                                    Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<AdmittedCall> call = calls.access->Admit(*context, *request, response);
  if (!call.ok()) {  // before anything is said about the request
    reactor->Finish(ToGrpcStatus(call.status()));
    return reactor;
  }
  auto reply = std::make_shared<Reply>(reactor, *std::move(call));
  if (!command.ok()) {
    (*reply)(command.status());
    return reactor;
  }
  const bool posted = calls.executor->Post(
      [reply, command = *std::move(command), work = std::move(work)]() mutable {
        work(command, std::move(*reply));
      });
  if (!posted) {
    (*reply)(MakeError(Reason::kOverloaded, "too many calls are waiting; nothing was done"));
  }
  return reactor;
}

// Answers with a resource, or with the error that came instead of it.
template <typename T, typename Message>
void ReplyWith(const absl::StatusOr<T>& result, Message* message, Reply reply) {
  if (result.ok()) ToProto(*result, message);
  reply(result.status());
}

// Fills a page into a List response; `add` gives the next element of its repeated field.
template <typename T, typename Response, typename Add>
void FillPage(const control::Page<T>& page, absl::string_view scope, Response* response,
              const Add& add) {
  for (const T& item : page.items) ToProto(item, add());
  if (page.more) response->set_next_page_token(MakePageToken(page.last, scope));
}

// A call that changes something at once: `work(command)` gives the resource as it is afterwards.
template <typename Command, typename Request, typename Message, typename Work>
grpc::ServerUnaryReactor* RunMutation(grpc::CallbackServerContext* context,
                                      const CallEnvironment& calls, const Request* request,
                                      Message* response, absl::StatusOr<Command> command,
                                      Work work) {
  return RunOnLoop(
      context, calls, request, response, std::move(command),
      [request_ids = calls.request_ids, request, response, work = std::move(work)](Command& parsed,
                                                                                   Reply reply) {
        const absl::Status good = RequestIds::Check(request->request_id());
        if (!good.ok()) return reply(good);
        // Ids are the caller's own. What was only looked at cannot have been lost.
        const bool remember = !request->request_id().empty() && !request->validate_only();
        const std::string id =
            remember ? absl::StrCat(request->request_id(), " ", reply.who()) : std::string();
        reply(request_ids->Once(id, *request, response, [&] {
          auto result = work(parsed);
          if (result.ok()) ToProto(*result, response);
          return result.status();
        }));
      });
}

// What a request with validate_only asks for.
template <typename Request>
control::Mode ModeOf(const Request& request) {
  return request.validate_only() ? control::Mode::kValidateOnly : control::Mode::kDo;
}

// The same with the field an error is about put below `field` of the request.
template <typename T>
absl::StatusOr<T> Below(absl::string_view field, absl::StatusOr<T> result) {
  if (result.ok()) return result;
  return UnderField(field, result.status());
}

// A deletion that may find nothing.
inline absl::Status AllowMissing(bool allow_missing, absl::Status status) {
  return allow_missing && absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_UNARY_CALL_H_
