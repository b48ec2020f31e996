// The callers of the Unix sockets, each with a server.

#ifndef L2TP_SERVER_API_UNIX_SERVERS_H_
#define L2TP_SERVER_API_UNIX_SERVERS_H_

#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/api/caller_server.h"
#include "server/api/callers.h"
#include "server/base/unique_fd.h"

namespace l2tp::api {

// gRPC does not tell a service which connection a call came in by. So all connections of one user
// with one role go to a server that nobody else's go to; it is made at the first of them, and makes
// room when many others come and it has nothing to do. Thread-safe.
class UnixServers {
 public:
  struct Limits {
    int max_callers = 64;                  // servers
    int max_connections_per_caller = 100;  // of one server
  };

  // Not owned: `callers` must outlive this.
  UnixServers(const Backend& backend, const Callers* callers, const Limits& limits)
      : backend_(backend), callers_(callers), limits_(limits) {}

  // A new connection goes to its caller's server. What is returned is to be called when it has
  // ended; none when there is no room for it, and it is closed.
  absl::AnyInvocable<void()> Add(UniqueFd connection, const PeerCredentials& peer);

  void SetServing(bool serving);
  void StopStreams(const absl::Status& status);
  // Takes no more connections either.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  using Key = std::pair<uid_t, Role>;  // what a user may do can differ with the process's groups
  struct Entry {
    std::unique_ptr<CallerServer> server;
    int connections = 0;
    uint64_t used = 0;  // the order of the last connections
  };

  // Null, and why, when there is no room.
  Entry* EntryLocked(const Key& key, const Caller& caller, std::string* problem);
  bool MakeRoomLocked();
  void Remove(const Key& key);

  const Backend backend_;
  const Callers* const callers_;
  const Limits limits_;
  std::mutex mutex_;  // guards all below
  std::map<Key, Entry> servers_;
  bool serving_ = false;
  std::optional<absl::Status> stopped_;
  bool shut_down_ = false;
  uint64_t uses_ = 0;
  LineLimit refusals_{10, Duration::Seconds(10)};
  std::future<void> retiring_;  // the end of a server that made room
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_UNIX_SERVERS_H_
