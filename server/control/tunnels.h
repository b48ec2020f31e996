// Every tunnel's life: socket, control connection, kernel object, and their end.

#ifndef L2TP_SERVER_CONTROL_TUNNELS_H_
#define L2TP_SERVER_CONTROL_TUNNELS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "server/control/environment.h"
#include "server/control/specs.h"
#include "server/protocol/effects.h"
#include "server/protocol/params.h"

namespace l2tp::control {

struct TunnelRecord {
  enum class Kernel { kNone, kCreating, kReady, kFailed, kDeleting };

  events::TunnelInfo info;
  TunnelHandle handle;
  ProfilePtr profile = std::make_shared<const Profile>();  // as it was when the tunnel was created
  std::optional<TunnelSpec> spec;  // of one that we opened: with its id and the peer's port
  Path path;                       // set once established
  Kernel kernel = Kernel::kNone;
  int64_t received_packets = 0;      // as last asked of the kernel
  int peer_session_count = 0;        // calls that the peer has placed and that are not over
  bool closed = false;               // the control connection is; what is left is clean-up
  std::optional<events::Cause> why;  // set before the engine is told to close, if we do
  std::set<std::string> sessions;    // names, until they have left the API
  std::vector<Done> waiting_for_path;
  std::vector<Done> waiting_for_end;
};

// Also decides who may open a tunnel to us.
class Tunnels final : public protocol::PeerDirectory {
 public:
  Tunnels() = default;
  // Two steps, because the engine in the environment wants the directory first.
  void Attach(Environment* env) { env_ = env; }

  // See Controller.
  absl::StatusOr<events::TunnelInfo> Create(const TunnelSpec& spec, Mode mode = Mode::kDo);
  absl::StatusOr<events::TunnelInfo> Update(absl::string_view name, absl::string_view etag,
                                            TunnelChange change, Mode mode);
  absl::StatusOr<events::TunnelInfo> Drain(absl::string_view name, bool draining, Mode mode);
  // The name of a tunnel that we opened to the peer of `spec` with its profile and secret and that
  // is neither closed nor draining; makes it when there is none. Errors as Create.
  absl::StatusOr<std::string> FindOrCreate(const TunnelSpec& spec, Mode mode);
  absl::StatusOr<events::TunnelInfo> Get(absl::string_view name, bool closed = false) const;
  Page<events::TunnelInfo> List(const PageRequest& page, const TunnelFilter& filter,
                                bool closed) const;
  // Answers every Delete that still waits.
  void AnswerWaiting(const absl::Status& status);
  // Every tunnel, in the order of names.
  std::vector<events::TunnelInfo> All() const;
  // Nobody waits for its end.
  void Close(TunnelRecord* tunnel, const events::Cause& cause);
  void Delete(absl::string_view name, const CloseOptions& options, Done done);

  // Closes every tunnel, as for the end of the daemon.
  void CloseAll(const events::Cause& cause);
  // No tunnel is left in the API, and every StopCCN of ours has been acknowledged.
  bool all_gone() const { return records_.empty() && undrained_.empty(); }

  // nullptr when unknown.
  TunnelRecord* Find(absl::string_view name);
  TunnelRecord* Find(TunnelHandle handle);

  // What PPP on `session` in that tunnel is to be told of MTU and MRU; see ppp_sizes.h.
  void SetSizes(absl::string_view tunnel, const Profile& profile, events::SessionInfo* session);

  // Calls `done` when sessions can be created in the kernel, or with what prevented it. At once
  // when that is known already.
  void WhenPathReady(TunnelRecord* tunnel, Done done);

  void AddSession(TunnelRecord* tunnel, const std::string& session);
  void RemoveSession(absl::string_view tunnel, const std::string& session);

  // A datagram that the engine is about to get, for captures and tunnels with `debug`. Data
  // messages are left out.
  void NoteReceived(const Path& path, ByteSpan datagram);

  // Effects of the engine.
  void Carry(protocol::Transmit& transmit);
  void Carry(const protocol::TunnelAccepted& accepted);
  void Carry(const protocol::TunnelEstablished& established);
  void Carry(const protocol::TunnelClosed& closed);
  void Carry(const protocol::TunnelDrained& drained);
  void Carry(const protocol::TunnelQuiet& quiet);
  void Carry(const protocol::TunnelReleased& released);
  void Carry(const protocol::TunnelRefused& refused);

  protocol::Admission Admit(const Path& path, absl::string_view host_name) override;

  size_t size() const { return records_.size(); }
  int established_count() const;

 private:
  void SetDebug(TunnelHandle tunnel, const std::string& name, bool on);
  void CaptureMessage(bool sent, const Path& path, ByteSpan datagram,
                      std::optional<TunnelHandle> tunnel);
  static protocol::TunnelParams MakeParams(const TunnelSettings& settings,
                                           const std::string& host_name, const std::string& secret,
                                           bool allow_outgoing_calls);
  TunnelRecord* AddForPeer(const protocol::TunnelEstablished& established);
  void RefuseEstablished(const protocol::TunnelEstablished& established,
                         const wire::ResultCode& result);
  absl::Status FixPath(TunnelRecord* tunnel, const Path& path);
  void CreateInKernel(TunnelRecord* tunnel);
  void OnKernelReady(const std::string& name, const absl::Status& status);
  void FinishIfClean(TunnelRecord* tunnel);
  void Remove(const std::string& name);
  events::TunnelInfo View(const TunnelRecord& tunnel) const;
  void CloseForKernel(TunnelRecord* tunnel, const absl::Status& status);
  SocketOptions OptionsOf(absl::string_view peer_name) const;
  // False when another tunnel has the same addresses and ports.
  bool TakePath(TunnelHandle tunnel, const Path& path);
  void ReleasePath(TunnelHandle tunnel);
  void CloseSocket(TunnelHandle tunnel);
  bool IsListenerPort(uint16_t port) const;

  Environment* env_ = nullptr;  // not owned
  std::map<std::string, TunnelRecord, std::less<>> records_;
  absl::flat_hash_map<TunnelHandle, std::string> by_handle_;
  // Tunnels that we opened and that are not closed, by where to.
  absl::flat_hash_map<Endpoint, std::set<std::string>> opened_to_;
  // Sockets live until the engine has released the tunnel, longer than the record.
  absl::flat_hash_map<TunnelHandle, SocketId> sockets_;
  absl::flat_hash_set<Path> taken_paths_;            // of tunnels that have a data path, or will
  absl::flat_hash_map<TunnelHandle, Path> path_of_;  // what to take out of taken_paths_
  absl::flat_hash_set<TunnelHandle> undrained_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_TUNNELS_H_
