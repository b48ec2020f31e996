// What an engine has said about its tunnels and calls, and whether it may say the next thing.

#ifndef L2TP_TESTS_FUZZ_LIVES_H_
#define L2TP_TESTS_FUZZ_LIVES_H_

#include <cstddef>
#include <map>

#include "server/base/ids.h"
#include "server/protocol/effects.h"

namespace l2tp::protocol {

// Holds an engine to effects.h: every tunnel and call comes into being, is established and ends at
// most once and in this order, a tunnel ends after its calls, and nothing is told of what is gone.
// Aborts through Require().
class Lives {
 public:
  // By our commands.
  void Opened(TunnelHandle tunnel);
  void Placed(SessionHandle session);

  void Take(const Effect& effect);

  bool empty() const { return tunnels_.empty() && sessions_.empty(); }

 private:
  struct TunnelLife {
    bool established = false;
    bool closed = false;
    size_t sessions = 0;
  };
  struct SessionLife {
    bool answerable = false;  // placed by us and not answered so far
    bool established = false;
  };

  TunnelLife& Of(TunnelHandle handle);
  // One in which calls are possible.
  TunnelLife& OpenTunnel(TunnelHandle handle);
  SessionLife& Of(SessionHandle handle);
  SessionLife& EstablishedSession(SessionHandle handle);
  void Begin(SessionHandle session, SessionLife life);

  void operator()(const Transmit& transmit);
  void operator()(const TunnelAccepted& accepted);
  void operator()(const TunnelEstablished& established);
  void operator()(const TunnelClosed& closed);
  void operator()(const TunnelDrained& drained);
  void operator()(const TunnelQuiet& quiet);
  void operator()(const TunnelReleased& released);
  void operator()(const TunnelRefused& refused);
  void operator()(const SessionRequested& requested);
  void operator()(const SessionAnswered& answered);
  void operator()(const SessionEstablished& established);
  void operator()(const SessionClosed& closed);
  void operator()(const CallRefused& refused);
  void operator()(const LinkInfoReceived& received);
  void operator()(const CallErrorsReceived& received);

  std::map<TunnelHandle, TunnelLife> tunnels_;
  std::map<SessionHandle, SessionLife> sessions_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_TESTS_FUZZ_LIVES_H_
