// Whether a call may be made, and the record of it.

#ifndef L2TP_SERVER_API_ACCESS_H_
#define L2TP_SERVER_API_ACCESS_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "server/api/audit.h"
#include "server/api/methods.h"
#include "server/base/role.h"

namespace l2tp::api {

// Who makes a call.
struct Caller {
  std::string who;  // as in the audit log: unix:1000(alice), certificate:"noc.example.net"
  Role role = Role::kNone;
};

class Access;

// A call that has been admitted. Finish() once, before gRPC is told: afterwards neither Access nor
// the response need be there.
class AdmittedCall {
 public:
  AdmittedCall(AdmittedCall&& other) noexcept
      : access_(std::exchange(other.access_, nullptr)),
        entry_(std::move(other.entry_)),
        response_(other.response_) {}
  AdmittedCall& operator=(AdmittedCall&&) = delete;
  ~AdmittedCall() = default;

  // Who makes it; "" when the method is not audited.
  const std::string& who() const;

  // Writes the audit log's line, if the method has one.
  void Finish(const absl::Status& result);

 private:
  friend class Access;
  AdmittedCall(Access* access, std::unique_ptr<AuditEntry> entry,
               const google::protobuf::Message* response)
      : access_(access), entry_(std::move(entry)), response_(response) {}

  Access* access_;                     // null: finished
  std::unique_ptr<AuditEntry> entry_;  // null: the method is not audited
  const google::protobuf::Message* response_;
};

// What all services of one server ask before anything else. Thread-safe.
class Access {
 public:
  using CallerOf = std::function<Caller(const grpc::ServerContextBase&)>;

  Access(CallerOf caller_of, AuditLog audit)
      : caller_of_(std::move(caller_of)), audit_(std::move(audit)) {}

  // CALLER_NOT_ALLOWED, and a line in the audit log, when the caller has not the role that the
  // method takes. `response`, which may be null, tells the name of what was created.
  template <typename Request>
  absl::StatusOr<AdmittedCall> Admit(const grpc::ServerContextBase& context, const Request& request,
                                     const google::protobuf::Message* response) {
    return Admit(context, MethodOf<Request>(), request, response);
  }

  // Calls that have been admitted and not finished.
  int calls() const { return calls_; }

 private:
  friend class AdmittedCall;

  absl::StatusOr<AdmittedCall> Admit(const grpc::ServerContextBase& context, const Method& method,
                                     const google::protobuf::Message& request,
                                     const google::protobuf::Message* response);
  void WriteRefusal(AuditEntry entry);

  const CallerOf caller_of_;
  const AuditLog audit_;
  std::atomic<int> calls_ = 0;
  std::mutex mutex_;
  LineLimit refusals_{10, Duration::Seconds(10)};  // guarded by mutex_
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_ACCESS_H_
