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
  uint32_t bearer_capabilities = 0;  // we place no calls on a bearer
  ChannelOptions channel;
  Duration hello_interval = Duration::Seconds(60);  // 0: no HELLO
  Duration setup_timeout = Duration::Seconds(60);   // 0: none
};

// What ICRQ and ICCN tell about a call (RFC 2661 sections 6.6 and 6.8). Empty texts and nullopts
// are left out.
struct CallInfo {
  uint32_t call_serial_number = 0;  // assigned by the engine for calls we place
  std::string called_number;
  std::string calling_number;
  std::string sub_address;
  std::optional<uint32_t> bearer_type;
  std::optional<uint32_t> physical_channel_id;
  uint32_t tx_connect_speed = 0;  // bit/s
  std::optional<uint32_t> rx_connect_speed;
  uint32_t framing_type = wire::kFramingSync;
  bool sequencing_required = false;
  std::string private_group_id;
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
// has proved nothing.
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
