// What a pppd's plugin reports, as values. Decoding trusts nothing: whoever gets hold of a pppd
// gets hold of its end of the socket.

#ifndef L2TP_SERVER_PPP_PLUGIN_MESSAGE_H_
#define L2TP_SERVER_PPP_PLUGIN_MESSAGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/ids.h"
#include "server/control/ports.h"

namespace l2tp::ppp {

// The first message of a connection.
struct Hello {
  uint32_t pid = 0;
  std::string plugin_version;
  std::string pppd_version;
};

// pppd is about to exit.
struct ExitReport {
  int status = 0;
  events::PppCounters counters;
  std::string reason;  // often ""
};

// pppd wants our own secret.
struct SecretRequest {};

// A peer has proved that it is `user`.
struct AdmitRequest {
  std::string user;
};

using PluginMessageBody =
    std::variant<Hello, control::PppLcpUp, control::PppAuth, control::PppIpUp, control::PppIpDown,
                 control::PppIpv6Up, control::PppIpv6Down, control::PppPhaseChange,
                 control::PppCcpUp, control::PppCcpDown, control::PppEcho, control::PppStatistics,
                 ExitReport, SecretRequest, control::PeerLogin, AdmitRequest>;

struct PluginMessage {
  uint32_t sequence = 0;
  control::PppId instance;
  TunnelId tunnel_id;  // 0: the plugin does not know
  SessionId session_id;
  PluginMessageBody body;
};

// Tells news of one pppd from what its plugin, having reconnected, says again.
class NewsFilter {
 public:
  // False when these news, or later ones of their kind, have been here before. Each kind counts by
  // itself, since a plugin does not send them again in the order in which they happened; logging in
  // to the peer and the peer's logging in are two kinds.
  bool IsNew(const PluginMessage& message);

 private:
  std::array<uint32_t, std::variant_size_v<PluginMessageBody> + 1> last_ = {};  // sequences
};

// Reads one message as plugin/plugin_protocol.h describes it.
//
// InvalidArgument, with a text that says what is wrong, for a wrong size, version, type or
// enumeration value, a text without end, and addresses or interface names that no link can have.
// Texts come out as printable ASCII, other octets replaced by '?'; not so what is octets of CHAP.
absl::StatusOr<PluginMessage> DecodePluginMessage(ByteSpan octets);

// The answers to requests with `sequence`. The caller wipes what holds a secret (WipeSecret).
// A secret that is too long for pppd is answered as if there were none.
Bytes EncodeSecretReply(uint32_t sequence, control::PppId instance,
                        const std::optional<std::string>& secret);
Bytes EncodeLoginReply(uint32_t sequence, control::PppId instance,
                       const control::LoginAnswer& answer);
Bytes EncodeAdmitReply(uint32_t sequence, control::PppId instance,
                       const control::PeerAdmission& admission);

// Overwrites what a secret was in.
void WipeSecret(Bytes& octets);
void WipeSecret(std::string& text);

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_PLUGIN_MESSAGE_H_
