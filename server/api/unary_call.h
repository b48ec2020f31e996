// The way of a unary call: gRPC thread -> loop thread -> answer.

#ifndef L2TP_SERVER_API_UNARY_CALL_H_
#define L2TP_SERVER_API_UNARY_CALL_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/api/call_environment.h"
#include "server/api/paging.h"
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
  if (page.more) response->set_next_page_token(MakePageToken(page.items.back().name, scope));
}

// A deletion that may find nothing.
inline absl::Status AllowMissing(bool allow_missing, absl::Status status) {
  return allow_missing && absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_UNARY_CALL_H_
