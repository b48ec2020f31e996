#include "server/api/access.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

// "ipv4:192.0.2.1:50000"; nothing for a Unix socket, whose ends have no names.
std::string PeerOf(const grpc::ServerContextBase& context) {
  const std::string peer = context.peer();
  return absl::StartsWith(peer, "ipv") ? peer : "";
}

}  // namespace

const std::string& AdmittedCall::who() const {
  static const auto& nobody = *new std::string;
  return entry_ == nullptr ? nobody : entry_->who;
}

void AdmittedCall::Finish(const absl::Status& result) {
  Access* const access = std::exchange(access_, nullptr);
  if (access == nullptr) return;
  if (entry_ != nullptr) {
    if (result.ok() && response_ != nullptr) {
      // Of what was created without an id; an answer that is empty tells nothing.
      if (std::string created = NameIn(*response_); !created.empty()) {
        entry_->name = std::move(created);
      }
    }
    entry_->result = result;
    access->audit_(AuditLine(*entry_));
  }
  --access->calls_;
}

absl::StatusOr<AdmittedCall> Access::Admit(const grpc::ServerContextBase& context,
                                           const Method& method,
                                           const google::protobuf::Message& request,
                                           const google::protobuf::Message* response) {
  Caller caller = caller_of_(context);
  const bool allowed = caller.role != Role::kNone && caller.role >= method.role;
  std::unique_ptr<AuditEntry> entry;
  if (!allowed || method.audited()) {
    entry = std::make_unique<AuditEntry>();
    entry->who = caller.who;
    entry->role = caller.role;
    entry->peer = PeerOf(context);
    entry->method = method.path;
    entry->name = NameIn(request);
    entry->only_checked = IsOnlyChecked(request);
  }
  if (allowed) {
    ++calls_;
    return AdmittedCall(this, std::move(entry), response);
  }
  entry->result = MakeError(Reason::kCallerNotAllowed,
                            absl::StrCat(caller.who, " has the role ", RoleName(caller.role),
                                         "; this takes ", RoleName(method.role)));
  const absl::Status refusal = entry->result;
  WriteRefusal(*std::move(entry));
  return refusal;
}

void Access::WriteRefusal(AuditEntry entry) {
  std::optional<int> suppressed;
  {
    std::lock_guard lock(mutex_);
    suppressed = refusals_.Admit(SteadyNow());
  }
  if (!suppressed.has_value()) return;
  entry.suppressed = *suppressed;
  audit_(AuditLine(entry));
}

}  // namespace l2tp::api
