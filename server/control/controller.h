// The controller: commands and queries of the API, and the work that follows from what peers, the
// kernel and pppd do. Everything here runs on the loop thread.

#ifndef L2TP_SERVER_CONTROL_CONTROLLER_H_
#define L2TP_SERVER_CONTROL_CONTROLLER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/control/capture.h"
#include "server/control/ports.h"
#include "server/control/specs.h"
#include "server/control/tunnel_debug.h"
#include "server/events/event_log.h"
#include "server/protocol/params.h"

namespace l2tp::control {

struct ControllerOptions {
  std::string host_name;  // our Host Name AVP; at least 1 character
  std::string version;
  std::string pppd_path;            // told in SystemInfo
  std::vector<Endpoint> listeners;  // told in SystemInfo
  int max_tunnels = 4096;
  int max_sessions = 65536;
  // How long tunnels and sessions that are gone can be read (0: not at all), and how many of each.
  Duration closed_retention = Duration::Seconds(3600);
  int max_closed = 4096;
  events::EventLog::Limits event_limits;
  protocol::HalfOpenLimits half_open_limits;
  WriteLine debug_log;  // lines of tunnels with `debug`, on the loop thread; must not block
};

// What the controller reaches the world through. Not owned; must outlive the controller.
struct Ports {
  Clock* clock = nullptr;
  Alarm* alarm = nullptr;
  DatagramPort* datagrams = nullptr;
  KernelPort* kernel = nullptr;
  PppPort* ppp = nullptr;
  AuthenticatorPort* authenticator = nullptr;
  RandomSource* random = nullptr;
};

class Controller final : public DatagramSink, public PppSink {
 public:
  Controller(ControllerOptions options, const Ports& ports);
  ~Controller() override;

  // ---- Profiles, pools, users, peers: stored as given. Errors: FIELD_INVALID and FIELD_REQUIRED
  // with the field's path below the resource ("ppp.mtu"), *_EXISTS, *_NOT_FOUND, RESOURCE_IN_USE
  // when something refers to what is to be deleted. Secrets are in what these return: the API
  // strips them.
  absl::StatusOr<Profile> CreateProfile(Profile profile, Mode mode = Mode::kDo);
  absl::StatusOr<Profile> UpdateProfile(Profile profile, Mode mode = Mode::kDo);
  absl::StatusOr<Profile> GetProfile(absl::string_view name) const;
  Page<Profile> ListProfiles(const PageRequest& page, const ProfileFilter& filter = {}) const;
  absl::Status DeleteProfile(absl::string_view name);

  absl::StatusOr<Pool> CreatePool(Pool pool, Mode mode = Mode::kDo);
  absl::StatusOr<Pool> UpdatePool(Pool pool, Mode mode = Mode::kDo);
  absl::StatusOr<Pool> GetPool(absl::string_view name) const;
  Page<Pool> ListPools(const PageRequest& page, const PoolFilter& filter = {}) const;
  absl::Status DeletePool(absl::string_view name);

  // Of `pool` only, or, if it is empty, of all pools and of what is users' own.
  absl::StatusOr<Page<Lease>> ListLeases(absl::string_view pool, const PageRequest& page) const;

  absl::StatusOr<User> CreateUser(User user, Mode mode = Mode::kDo);
  absl::StatusOr<User> UpdateUser(User user, Mode mode = Mode::kDo);
  absl::StatusOr<User> GetUser(absl::string_view name) const;
  Page<User> ListUsers(const PageRequest& page, const UserFilter& filter = {}) const;
  absl::Status DeleteUser(absl::string_view name);

  absl::StatusOr<Peer> CreatePeer(Peer peer, Mode mode = Mode::kDo);
  absl::StatusOr<Peer> UpdatePeer(Peer peer, Mode mode = Mode::kDo);
  absl::StatusOr<Peer> GetPeer(absl::string_view name) const;
  Page<Peer> ListPeers(const PageRequest& page, const PeerFilter& filter = {}) const;
  absl::Status DeletePeer(absl::string_view name);
  // Draining: no new tunnels from the peer, no new calls in its tunnels. PEER_NOT_FOUND.
  absl::StatusOr<Peer> DrainPeer(absl::string_view name, bool draining, Mode mode = Mode::kDo);

  // ---- Tunnels. Create answers at once, in kConnecting; what becomes of it is told by events.
  // Errors: FIELD_*, TUNNEL_EXISTS, PROFILE_NOT_FOUND, TUNNEL_LIMIT, IDS_EXHAUSTED, DRAINING,
  // SHUTTING_DOWN.
  absl::StatusOr<events::TunnelInfo> CreateTunnel(const TunnelSpec& spec, Mode mode = Mode::kDo);
  // `closed`: those that are gone are looked at too, behind those that are there.
  absl::StatusOr<events::TunnelInfo> GetTunnel(absl::string_view name, bool closed = false) const;
  Page<events::TunnelInfo> ListTunnels(const PageRequest& page, const TunnelFilter& filter = {},
                                       bool closed = false) const;
  // Errors: FIELD_INVALID, TUNNEL_NOT_FOUND; ETAG_MISMATCH unless `etag` is the tunnel's, or "".
  absl::StatusOr<events::TunnelInfo> UpdateTunnel(absl::string_view name, absl::string_view etag,
                                                  TunnelChange change, Mode mode = Mode::kDo);
  // Draining: no new calls in it, whoever places them. TUNNEL_NOT_FOUND.
  absl::StatusOr<events::TunnelInfo> DrainTunnel(absl::string_view name, bool draining,
                                                 Mode mode = Mode::kDo);
  // `done` is called when the tunnel has left the API: its pppds are gone, kernel objects deleted
  // and StopCCN is on its way (the engine goes on retransmitting it in private).
  // Errors: TUNNEL_NOT_FOUND, TUNNEL_HAS_SESSIONS without force.
  void DeleteTunnel(absl::string_view name, const CloseOptions& options, Done done);
  // Closes it. Its persistent sessions are placed again as soon as it is gone, and open it anew;
  // what they had failed is forgotten. Others end with it, and need `force`. Errors:
  // TUNNEL_NOT_FOUND, NOT_PERSISTENT when it has no such session, TUNNEL_HAS_SESSIONS without
  // force, PROFILE_NOT_FOUND of what it would be opened with, TUNNEL_CLOSING while it is being
  // deleted, DRAINING, SHUTTING_DOWN.
  absl::StatusOr<events::TunnelInfo> RestartTunnel(absl::string_view name,
                                                   const CloseOptions& options,
                                                   Mode mode = Mode::kDo);

  // ---- Sessions. As tunnels. Errors besides: SESSION_EXISTS, SESSION_NOT_FOUND, TUNNEL_NOT_FOUND,
  // TUNNEL_CLOSING, INTERFACE_NAME_TAKEN, SESSION_LIMIT.
  absl::StatusOr<events::SessionInfo> CreateSession(const SessionSpec& spec, Mode mode = Mode::kDo);
  // The counters are asked of the kernel first.
  void GetSession(absl::string_view name, Completion<events::SessionInfo> done,
                  bool closed = false);
  // As UpdateTunnel.
  absl::StatusOr<events::SessionInfo> LabelSession(absl::string_view name, absl::string_view etag,
                                                   events::Labels labels, Mode mode = Mode::kDo);
  // `tunnel` empty: of all tunnels. Counters are as last known.
  absl::StatusOr<Page<events::SessionInfo>> ListSessions(absl::string_view tunnel,
                                                         const PageRequest& page,
                                                         const SessionFilter& filter = {},
                                                         bool closed = false) const;
  // Begins to close those that match and are not closing, at most 1000, of `tunnel` or, if it is
  // empty, of all; begins after the name `after`, "" being the start.
  struct CloseCount {
    int closed = 0;
    std::string last;  // where to go on; "": all have been looked at
  };
  CloseCount CloseSessions(absl::string_view tunnel, const SessionFilter& filter,
                           const CloseOptions& options, absl::string_view after = "");
  // We are LAC: tells the LNS of errors on the caller's line (WEN), cumulative since the call
  // began. Told at most once a minute; RATE_LIMITED in between. Errors besides: FIELD_INVALID when
  // the session is not an established one with us as LAC.
  absl::StatusOr<events::SessionInfo> ReportCallErrors(absl::string_view name,
                                                       const wire::CallErrors& errors);
  void DeleteSession(absl::string_view name, const CloseOptions& options, Done done);
  // Ends the call of a persistent session and places it again at once; if it waits, does the
  // latter. Answers before that is done. SESSION_NOT_FOUND, NOT_PERSISTENT, TUNNEL_CLOSING,
  // DRAINING, SHUTTING_DOWN.
  absl::StatusOr<events::SessionInfo> RestartSession(absl::string_view name,
                                                     const CloseOptions& options,
                                                     Mode mode = Mode::kDo);

  // ---- The rest
  SystemInfo GetSystem();
  // Draining: no new tunnels and calls, whoever wants them.
  SystemInfo DrainSystem(bool draining, Mode mode = Mode::kDo);
  absl::StatusOr<std::shared_ptr<events::Subscription>> Watch(const events::WatchOptions& options,
                                                              absl::AnyInvocable<void()> on_ready);
  // `sink` is given every event from now on. It must not block.
  void OnEvent(std::function<void(const events::EventPtr&)> sink);
  // A number that no other run of the daemon has.
  uint64_t run() const;
  std::string ResumeToken(int64_t revision) const;
  events::EventPage ListEvents(const events::ListOptions& options) const;
  // Copies of the control messages of one tunnel, or of all. Error: CAPTURE_LIMIT.
  absl::StatusOr<std::shared_ptr<Capture>> StartCapture(CaptureFilter filter,
                                                        absl::AnyInvocable<void()> on_ready);

  // Refuses new work, closes every tunnel (StopCCN Result 6) and calls `done` when no pppd and no
  // kernel object is left and peers have acknowledged, or after at most `patience`.
  void Shutdown(Duration patience, absl::AnyInvocable<void()> done);

  // ---- From the loop
  void HandleTimeout();
  void OnDatagram(const Path& path, ByteSpan datagram) override;
  void OnPppEvent(PppId ppp, const PppEvent& event) override;
  std::optional<std::string> SecretFor(PppId ppp) override;
  void OnPeerLogin(PppId ppp, const PeerLogin& login,
                   absl::AnyInvocable<void(LoginAnswer)> answer) override;
  PeerAdmission Admit(PppId ppp, absl::string_view user) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CONTROLLER_H_
