// Where the plugins of our pppds report: a Unix SEQPACKET listener and its connections.

#ifndef L2TP_SERVER_PPP_PLUGIN_SOCKET_H_
#define L2TP_SERVER_PPP_PLUGIN_SOCKET_H_

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/base/bytes.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"
#include "server/ppp/plugin_message.h"

namespace l2tp::ppp {

// Accepts connections from processes its owner has started, and from nobody else: the kernel tells
// who has connected (SO_PEERCRED), and the first message has to be a HELLO with the PppId that
// was given to that process. Whoever breaks a rule is disconnected; the log says so, a few times
// a minute.
class PluginSocket {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // The pppd that runs as process `pid`; nullopt when we run none.
    virtual std::optional<control::PppId> FindProcess(pid_t pid) = 0;
    // A message of `ppp`, HELLOs included. May be one that was delivered before (see sequence).
    virtual void OnPluginMessage(control::PppId ppp, const PluginMessage& message) = 0;
  };

  // `owner` is not owned and must outlive this.
  PluginSocket(asio::io_context& io, Owner* owner);
  ~PluginSocket();
  PluginSocket(const PluginSocket&) = delete;
  PluginSocket& operator=(const PluginSocket&) = delete;

  // Listens on `path`, mode 0600. A socket that a dead daemon left there is replaced;
  // ALREADY_EXISTS when a living one answers.
  absl::Status Listen(const std::string& path);

  // Sends `message` to the plugin of `ppp`. False when there is none, or its buffer is full.
  bool Send(control::PppId ppp, ByteSpan message);

  // Delivers what the plugin of `ppp`, whose process has ended, has sent before its end, and
  // forgets it. The owner must still know the process.
  void DrainAndForget(control::PppId ppp);

 private:
  struct Connection;
  enum class ReadResult { kNothing, kMessage, kClosed };

  void WaitForConnections();
  void AcceptAll();
  bool AcceptOne();
  void Refuse(absl::string_view why, pid_t pid);

  void WaitForMessages(const std::shared_ptr<Connection>& connection);
  void ReadSome(const std::shared_ptr<Connection>& connection, int limit);
  ReadResult ReadOne(Connection& connection);
  bool Deliver(Connection& connection, ByteSpan octets);
  void Drop(Connection& connection);

  asio::io_context& io_;
  Owner* const owner_;
  std::string path_;
  asio::posix::stream_descriptor listener_;
  asio::steady_timer accept_pause_;
  absl::flat_hash_map<control::PppId, std::shared_ptr<Connection>> connections_;
  // Handlers that asio still holds when this is gone find it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::chrono::steady_clock::time_point refusals_since_;
  int refusals_ = 0;
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_PLUGIN_SOCKET_H_
