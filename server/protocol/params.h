// What goes into the engine besides datagrams and time.

#ifndef L2TP_SERVER_PROTOCOL_PARAMS_H_
#define L2TP_SERVER_PROTOCOL_PARAMS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/endpoint.h"
#include "server/protocol/reliable_channel.h"
#include "server/wire/avp_value.h"
#include "server/wire/result_code.h"

namespace l2tp::protocol {

// One control connection, whoever opens it.
struct TunnelParams {
  std::string host_name;           // our Host Name AVP; at least 1 octet
  std::string vendor_name;         // empty: no Vendor Name AVP
  uint16_t firmware_revision = 0;  // 0: no Firmware Revision AVP
  std::string secret;              // empty: no tunnel authentication, nothing hidden or un-hidden
  bool hide_avps = false;          // hide what may be hidden; needs a secret
  uint32_t framing_capabilities = wire::kFramingSync | wire::kFramingAsync;
  // Not 0: the peer may ask for outgoing calls on these bearers.
  uint32_t bearer_capabilities = 0;
  bool tie_breaker = false;  // our SCCRQ carries one (section 4.4.3)
  ChannelOptions channel;
  Duration hello_interval = Duration::Seconds(60);  // 0: no HELLO
  Duration setup_timeout = Duration::Seconds(60);   // 0: none
};

// What a peer that wants to open a tunnel is told.
struct Admission {
  bool admitted = false;
  std::string tag;  // whatever the directory wants to be told again in TunnelAccepted
  TunnelParams params;
  // When not admitted: what the StopCCN says.
  wire::ResultCode refusal;
};

// Tunnels that peers have begun and that are not established: each costs us state for a peer that
// has proved nothing. See SccrqGate.
struct HalfOpenLimits {
  int total = 1000;
  int per_address = 32;
};

// Who is welcome. Implemented by control; must answer at once and without side effects.
class PeerDirectory {
 public:
  virtual ~PeerDirectory() = default;
  // `host_name` is the Host Name AVP of the SCCRQ, not to be trusted: it chooses the secret, and
  // only who knows the secret gets further.
  virtual Admission Admit(const Path& path, absl::string_view host_name) = 0;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_PARAMS_H_
