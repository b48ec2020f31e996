// What the messages of a call tell about it (RFC 2661 sections 6.6 to 6.11), besides the ids.

#ifndef L2TP_SERVER_PROTOCOL_CALL_INFO_H_
#define L2TP_SERVER_PROTOCOL_CALL_INFO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/base/ids.h"
#include "server/wire/avp_value.h"
#include "server/wire/message.h"

namespace l2tp::protocol {

// Results of LCP and PPP authentication at the LAC, for an LNS that wants to spare its own (section
// 4.4.5). Octets as they stood in PPP; unset: AVP left out or not received.
struct ProxyInfo {
  std::optional<std::string> initial_received_lcp_confreq;  // from the first option on
  std::optional<std::string> last_sent_lcp_confreq;
  std::optional<std::string> last_received_lcp_confreq;
  std::optional<uint16_t> authen_type;  // 1 text, 2 CHAP, 3 PAP, 4 none, 5 MS-CHAPv1
  std::optional<std::string> authen_name;
  std::optional<std::string> authen_challenge;
  std::optional<uint16_t> authen_id;           // 0 to 255
  std::optional<std::string> authen_response;  // secret: a clear text password with types 1, 3

  friend bool operator==(const ProxyInfo&, const ProxyInfo&) = default;
};

// Who asks for the call (RFC 2661 section 1.2): an incoming call is placed by the LAC, an outgoing
// one by the LNS.
enum class CallDirection { kIncoming, kOutgoing };

// Empty texts and nullopts are left out.
struct CallInfo {
  CallDirection direction = CallDirection::kIncoming;
  uint32_t call_serial_number = 0;  // assigned by the engine for calls we place
  std::string called_number;        // required in OCRQ, where it may be empty
  std::string calling_number;
  std::string sub_address;
  std::optional<uint32_t> bearer_type;  // OCRQ: unset takes all that the peer offers
  std::optional<uint32_t> physical_channel_id;
  uint32_t minimum_bps = 0;       // bit/s; outgoing calls only
  uint32_t maximum_bps = 0;       // bit/s; outgoing calls only
  uint32_t tx_connect_speed = 0;  // bit/s, from the LAC to its client
  std::optional<uint32_t> rx_connect_speed;
  uint32_t framing_type = wire::kFramingSync;
  bool sequencing_required = false;
  std::string private_group_id;
  ProxyInfo proxy;                     // ICCN
  std::vector<wire::Avp> access_line;  // ICRQ: AVPs for which wire::IsAccessLine is true
  // The peer would send speed updates (RFC 5515 section 6.2), which we do not ask for.
  bool connect_speed_update = false;
};

// Outgoing calls: what the LAC tells the LNS of the line in OCCN (section 6.11).
struct LineInfo {
  uint32_t tx_connect_speed = 0;  // bit/s
  std::optional<uint32_t> rx_connect_speed;
  bool sequencing_required = false;
};

// Which side of a call we are on.
enum class CallSide { kLac, kLns };

// The messages of a call, and what is in them. Read...() adds to `call`.
wire::Message MakeIcrq(SessionId id, const CallInfo& call);
void ReadIcrq(const wire::Message& icrq, CallInfo* call);
wire::Message MakeIccn(const CallInfo& call);
void ReadIccn(const wire::Message& iccn, CallInfo* call);
wire::Message MakeOcrq(SessionId id, const CallInfo& call);
void ReadOcrq(const wire::Message& ocrq, CallInfo* call);
wire::Message MakeOcrp(SessionId id, const CallInfo& call);
void ReadOcrp(const wire::Message& ocrp, CallInfo* call);
wire::Message MakeOccn(const CallInfo& call);
void ReadOccn(const wire::Message& occn, CallInfo* call);

// The Assigned Session ID AVP; 0 when absent.
SessionId AssignedSessionId(const wire::Message& message);

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_CALL_INFO_H_
