// Every session there is, found by its name, by the engine's handle, by its pppd.

#ifndef L2TP_SERVER_CONTROL_SESSION_TABLE_H_
#define L2TP_SERVER_CONTROL_SESSION_TABLE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/base/unique_fd.h"
#include "server/control/logins.h"
#include "server/control/ports.h"
#include "server/control/reconnect.h"
#include "server/control/resources.h"
#include "server/control/specs.h"
#include "server/events/resources.h"
#include "server/protocol/effects.h"

namespace l2tp::control {

struct SessionRecord {
  // The kernel's session and the PPPoX socket.
  enum class Path { kNone, kCreating, kReady, kDeleting };

  events::SessionInfo info;
  SessionHandle handle;
  ProfilePtr profile;          // as it was when the session was created
  std::string user;            // how we log in
  std::string password;        // secret
  std::string interface_name;  // asked for; empty: any
  Login login;                 // the peer's, to us
  int login_count = 0;         // tries so far

  Path path = Path::kNone;
  // Our copy of the PPPoX socket: it keeps the kernel's session, and so the final counters, when
  // pppd is gone.
  UniqueFd pppox;
  PppId ppp;                         // 0: no pppd runs
  Instant call_errors_told;          // when an event told of the peer's WEN last
  bool call_over = false;            // SessionClosed has come; what is left is clean-up
  std::optional<events::Cause> why;  // set before the engine is told to close, if we do
  std::vector<Done> waiting_for_end;
  std::unique_ptr<Persistence> persistence;  // nullptr: the session's end is its end
};

// Records stay where they are until they are removed.
class SessionTable {
 public:
  using Records = std::map<std::string, SessionRecord, std::less<>>;

  // nullptr: there is none.
  SessionRecord* Find(absl::string_view name);
  SessionRecord* Find(SessionHandle handle);
  SessionRecord* Find(PppId ppp);

  // A new one, with its name and handle; the name must be free, or that of one that waits.
  SessionRecord* Add(const std::string& name, SessionHandle handle);
  void Remove(const std::string& name);
  // It stays under its name, but has no call and no pppd any more.
  void Detach(SessionRecord* session);

  // The pppd that runs for it; 0: none any more.
  void SetPpp(SessionRecord* session, PppId ppp);
  // Nobody else may ask for this interface name until the session is removed. It must be free.
  void ReserveInterface(SessionRecord* session, const std::string& interface_name);
  // The session that has asked for it; nullptr: none.
  const std::string* FindInterface(const std::string& interface_name) const;

  // In the order of names.
  Records& records() { return records_; }
  const Records& records() const { return records_; }
  // Those whose name begins so, or all.
  std::vector<events::SessionInfo> All(absl::string_view prefix) const;
  size_t size() const { return records_.size(); }

 private:
  Records records_;
  absl::flat_hash_map<SessionHandle, std::string> by_handle_;
  absl::flat_hash_map<PppId, std::string> by_ppp_;
  absl::flat_hash_map<std::string, std::string> interface_names_;  // asked for -> session
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_SESSION_TABLE_H_
