// Unix sockets that tell who connects.

#ifndef L2TP_SERVER_API_UNIX_LISTENER_H_
#define L2TP_SERVER_API_UNIX_LISTENER_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/api/audit.h"
#include "server/api/callers.h"
#include "server/base/unique_fd.h"

namespace l2tp::api {

// Accepts connections on a thread of its own and hands them on, and notices when they end: gRPC
// does neither tell who is at the other end, nor when that has gone.
class UnixListener {
 public:
  // Takes a connection over. What it returns is called when the connection has ended, on the same
  // thread; none: the connection was not wanted and has been closed.
  using Accept =
      std::function<absl::AnyInvocable<void()>(UniqueFd connection, const PeerCredentials& peer)>;

  explicit UnixListener(Accept accept) : accept_(std::move(accept)) {}
  ~UnixListener() { Stop(); }

  // Listens on `path`, see PrepareUnixSocket(), with this mode and group ("": as it is). Only
  // before Start().
  absl::Status Listen(const std::string& path, mode_t mode, const std::string& group);
  // Begins to accept. UNAVAILABLE when there is no descriptor left.
  absl::Status Start();
  // Accepts no more, removes the sockets, and forgets the connections, which stay open.
  void Stop();

 private:
  struct Listening {
    UniqueFd socket;
    std::string path;
  };
  struct Connection {
    UniqueFd watched;  // another descriptor of it
    absl::AnyInvocable<void()> on_close;
  };

  void Run();
  // False when the kernel has no room for more just now.
  bool AcceptOn(int socket);

  const Accept accept_;
  std::vector<Listening> listening_;
  std::vector<Connection> connections_;            // of the thread
  LineLimit failures_{10, Duration::Seconds(10)};  // of the thread
  UniqueFd stop_;                                  // an eventfd
  std::thread thread_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_UNIX_LISTENER_H_
