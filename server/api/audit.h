// The audit log: who asked for what, and what became of it.

#ifndef L2TP_SERVER_API_AUDIT_H_
#define L2TP_SERVER_API_AUDIT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/base/role.h"
#include "server/base/time.h"

namespace l2tp::api {

// Takes one line, on any thread.
using AuditLog = std::function<void(const std::string& line)>;

// One call.
struct AuditEntry {
  std::string who;
  Role role = Role::kNone;
  std::string peer;           // address of the other end; empty: it has none
  std::string method;         // "/l2tp.v1.TunnelService/CreateTunnel"
  std::string name;           // of the resource; empty: none
  bool only_checked = false;  // validate_only: nothing was done
  absl::Status result;
  int suppressed = 0;  // lines before this one that were left out
};

// `audit who=unix:1000(alice) role=admin method=/l2tp.v1.TunnelService/CreateTunnel
// name="tunnels/a" result=OK`, in one line. Of an error there are code and reason, not the message,
// which may quote the request.
std::string AuditLine(const AuditEntry& entry);

// What a request is about, by its fields: `name`; or `parent`, the collection and the id that the
// caller chose ("tunnels/a/sessions/" without one); or the name in the resource itself. Nothing
// else of a request is looked at, so that no secret can get out.
std::string NameIn(const google::protobuf::Message& message);

// Whether a request has validate_only.
bool IsOnlyChecked(const google::protobuf::Message& message);

// The time, for LineLimit.
Instant SteadyNow();

// Keeps a caller who is refused from filling the log: so many lines in so much time.
class LineLimit {
 public:
  LineLimit(int lines, Duration interval) : lines_(lines), interval_(interval) {}

  // Whether a line may be written: the number of those that might not since the last one.
  std::optional<int> Admit(Instant now);

 private:
  const int lines_;
  const Duration interval_;
  Instant begin_;
  int written_ = 0;
  int suppressed_ = 0;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_AUDIT_H_
