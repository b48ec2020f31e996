// What the parts of the controller share.

#ifndef L2TP_SERVER_CONTROL_ENVIRONMENT_H_
#define L2TP_SERVER_CONTROL_ENVIRONMENT_H_

#include <utility>

#include "server/control/capture.h"
#include "server/control/closed.h"
#include "server/control/controller.h"
#include "server/control/refusals.h"
#include "server/control/resources.h"
#include "server/control/tunnel_debug.h"
#include "server/events/event_log.h"
#include "server/protocol/engine.h"

namespace l2tp::control {

// Owned by the controller; its parts hold a reference. Loop thread only.
struct Environment {
  Environment(ControllerOptions the_options, const Ports& the_ports,
              protocol::PeerDirectory* directory)
      : options(std::move(the_options)),
        ports(the_ports),
        log(ports.random->NextU64(), options.event_limits),
        engine(directory, ports.random, static_cast<uint32_t>(ports.random->NextU64())),
        closed_tunnels(options.closed_retention, static_cast<size_t>(options.max_closed)),
        closed_sessions(options.closed_retention, static_cast<size_t>(options.max_closed)),
        refusals([this](events::RefusalInfo refusal) {
          Tell(refusal.of_call ? events::EventType::kSessionRefused
                               : events::EventType::kTunnelRefused,
               std::move(refusal));
        }),
        debug(options.debug_log) {
    resources.OnChange(
        [this](events::EventType type, events::ConfigInfo info, events::Labels before) {
          Tell(type, std::move(info), std::move(before));
        });
  }

  Instant now() const { return ports.clock->Now(); }

  void Tell(events::EventType type, events::Resource info, events::Labels labels_before = {}) {
    log.Append(ports.clock->WallNow(), type, std::move(info), std::move(labels_before));
  }

  const ControllerOptions options;
  const Ports ports;
  Resources resources;
  events::EventLog log;
  protocol::Engine engine;
  Closed<events::TunnelInfo> closed_tunnels;
  Closed<events::SessionInfo> closed_sessions;
  Refusals refusals;
  Captures captures;
  TunnelDebug debug;
  bool shutting_down = false;
  bool draining = false;  // see draining.h
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_ENVIRONMENT_H_
