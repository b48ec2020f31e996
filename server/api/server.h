// The API's server: every address, every caller.

#ifndef L2TP_SERVER_API_SERVER_H_
#define L2TP_SERVER_API_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/api/audit.h"
#include "server/api/caller_server.h"
#include "server/api/executor.h"
#include "server/api/tls.h"
#include "server/api/unix_servers.h"
#include "server/base/role.h"
#include "server/base/time.h"
#include "server/control/controller.h"
#include "server/history/event_history.h"

namespace l2tp::api {

struct ServerOptions {
  // "unix:PATH", or "ADDRESS:PORT" for TCP (port 0: any free one).
  std::vector<std::string> listen_addresses = {"unix:/run/l2tp-controller/api.sock"};
  mode_t socket_mode = 0660;  // of Unix sockets
  std::string socket_group;   // of Unix sockets; empty: the process's own

  // TCP without TLS is refused, but for loopback addresses when `plaintext_loopback`; those have no
  // TLS then.
  std::optional<TlsFiles> tls;
  bool plaintext_loopback = false;

  // See Callers::Make(); `socket_group` is the admins' unless a rule says otherwise.
  std::vector<RoleRule> roles;
  Role anonymous_role = Role::kViewer;  // over TCP without a certificate
  AuditLog audit = [](const std::string&) {};

  // Where events are that the controller has forgotten; must outlive the server. nullptr: nowhere.
  history::EventHistory* history = nullptr;

  ConnectionLimits connection_limits;
  UnixServers::Limits unix_limits;
  Duration watch_grace = Duration::Seconds(10);  // for a watcher to read why its stream ended
};

// All services, health (a status for each service name and for ""), and reflection.
//
//   Server server({}, &controller, &executor);
//   if (absl::Status status = server.Start(); !status.ok()) ...
//   server.SetServing(true);             // once the daemon can do its work
//   ...                                  // until a signal: Controller::Shutdown, loop still
//   running server.Shutdown(Duration::Seconds(2));
//
// Calls need the loop to answer; those it never comes to are answered SHUTTING_DOWN when the
// executor, or whoever holds their completion, drops them. Not thread-safe.
class Server {
 public:
  // Not owned: `controller` and `executor` must outlive this.
  Server(ServerOptions options, control::Controller* controller, Executor* executor);
  // Shuts down with no patience, if that has not been done.
  ~Server();

  // Listens. Health says NOT_SERVING until SetServing(true).
  // Errors: ALREADY_EXISTS when somebody answers on a Unix socket, UNAVAILABLE when an address
  // cannot be listened on or the socket not be given to the group, NOT_FOUND when there is no such
  // group, user or file, FAILED_PRECONDITION for TCP without TLS, INVALID_ARGUMENT when a
  // certificate or key is no good. The socket of a daemon that died is replaced.
  absl::Status Start();

  // What health says.
  void SetServing(bool serving);

  // Refuses new calls, ends watches with SHUTTING_DOWN, waits for the calls under way for at most
  // `patience`, then cancels them. Blocks until the loop has answered every call, so it is not to
  // be called on the loop thread, nor after a loop that stopped in the middle of its work.
  void Shutdown(Duration patience);

  // What Start() listens on, with the ports it got, in the order of the options.
  const std::vector<std::string>& addresses() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_SERVER_H_
