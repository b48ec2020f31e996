// A control message as a list of typed AVPs (RFC 2661 sections 4 and 6).
//
// Decoding has two steps, because the secret that un-hides AVPs may have to be chosen by the Host
// Name, which may come after a hidden AVP:
//
//   ByteSpan body;
//   ASSIGN header = ParseControlHeader(datagram, &body);   // fails: discard silently
//   RawMessage raw = SplitAvps(body);
//   ... raw.HostName() chooses the secret ...
//   Decoded decoded = DecodeMessage(raw, secret);
//   if (decoded.fault) ... refuse with fault->error, StopCCN or CDN ...
//   decoded.message.Get<uint16_t>(AvpType::kAssignedTunnelId)

#ifndef L2TP_SERVER_WIRE_MESSAGE_H_
#define L2TP_SERVER_WIRE_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/wire/avp_value.h"
#include "server/wire/header.h"
#include "server/wire/message_type.h"

namespace l2tp::wire {

// An AVP as it stands in the message.
struct RawAvp {
  bool mandatory = false;      // M
  bool hidden = false;         // H
  bool reserved_bits = false;  // one of the four reserved bits is 1: to be taken as unrecognised
  uint16_t vendor_id = 0;
  uint16_t type = 0;
  ByteSpan value;
};

// Why a message cannot be accepted. What to send is the receiver's business: StopCCN for a tunnel
// message, CDN for a session message, with Result Code 2 and `error`, or nothing where the RFC
// wants silence.
struct Fault {
  ErrorCode error = ErrorCode::kNone;
  std::string text;  // for the Result Code AVP and the log: names the AVP and what is wrong
  // True when not even the message type is known, so that neither tunnel nor session can be told:
  // no Message Type AVP in front, or an unknown type with M=1. Clears the tunnel (section 4.4.1).
  bool unreadable = false;
};

struct RawMessage {
  std::vector<RawAvp> avps;
  // Set when the body ends inside an AVP or an AVP's Length is below 6; `avps` has those before.
  // What follows cannot be read. DecodeMessage() judges it by the M bit like any malformed AVP.
  std::optional<Fault> truncated;
  bool truncated_mandatory = false;  // M of the AVP that `truncated` is about

  // The Host Name AVP if there is a usable one that is not hidden.
  std::optional<absl::string_view> HostName() const;
};

// Splits `body` (see ParseControlHeader) into AVPs. The result points into `body`. Never fails:
// what is wrong stands in `truncated`. An empty body is a ZLB.
RawMessage SplitAvps(ByteSpan body);

// "Assigned-Session-ID=7 Called-Number=<hidden, 24 octets>": every AVP behind the Message Type, for
// logs, without a secret. Values that are hidden, octets (challenges, responses) or of proxy
// authentication are shown as their size, and so are those that cannot be read. Printable ASCII;
// "..." in place of what is beyond `most` characters.
std::string DescribeAvps(const RawMessage& raw, size_t most);

struct Avp {
  AvpType type;
  AvpValue value;

  friend bool operator==(const Avp&, const Avp&) = default;
};

// A control message without its header.
class Message {
 public:
  Message() = default;
  explicit Message(MessageType type) : type_(type) {}

  MessageType type() const { return type_; }

  // Appends an AVP; returns *this so that a message can be written as one expression. `value` must
  // have the type that the AVP table states for `avp_type`, else EncodeBody aborts (a programming
  // error). Message Type and Random Vector AVPs are implied and must not be added.
  Message& Add(AvpType avp_type, AvpValue value);

  // The value of the first AVP of that type; nullptr when absent or of another value type.
  template <typename T>
  const T* Find(AvpType avp_type) const {
    for (const Avp& avp : avps_) {
      if (avp.type == avp_type) return std::get_if<T>(&avp.value);
    }
    return nullptr;
  }
  // The same as a copy; nullopt when absent.
  template <typename T>
  std::optional<T> Get(AvpType avp_type) const {
    const T* found = Find<T>(avp_type);
    return found == nullptr ? std::nullopt : std::optional<T>(*found);
  }
  bool Has(AvpType avp_type) const;

  const std::vector<Avp>& avps() const { return avps_; }

  // "ICRQ Assigned-Session-ID=7 Call-Serial-Number=1", for logs. Challenge, Challenge Response and
  // proxy authentication values are shown as "<n octets>".
  std::string ToString() const;

  friend bool operator==(const Message&, const Message&) = default;

 private:
  MessageType type_ = MessageType::kZlb;
  std::vector<Avp> avps_;
};

// How to hide AVPs of an outgoing message (section 4.3).
struct HidingParams {
  absl::string_view secret;
  ByteSpan random_vector;  // 16 octets or more (at most 1017), fresh for each message
  // Random octets appended to each hidden value so that its length is hidden too; may be empty.
  // Left out as far as the AVP would become longer than 1023 octets.
  ByteSpan padding;
};

// The AVPs of `message`, Message Type first, the rest in the order in which they were added. With
// `hiding`, each AVP that may be hidden is, behind one Random Vector AVP; without, none is. A ZLB
// gives no octets. A text longer than an AVP can carry (1017 octets, 1015 hidden) is cut.
Bytes EncodeBody(const Message& message, const HidingParams* hiding = nullptr);

struct Decoded {
  // What could be read: always the type (unless fault->unreadable), and every AVP that is good, in
  // the order received, each type once. AVPs that are unknown or malformed are left out, and so are
  // Random Vectors, which have done their work.
  Message message;
  // Set when the message is not acceptable: an unrecognised or malformed AVP with M=1, an AVP that
  // the message needs is missing, a hidden AVP with M=1 that does not decode, a value out of range.
  // The first such finding counts. Never set for a StopCCN or a CDN whose type could be read: what
  // the peer ends is ended, whatever else is wrong with the message.
  std::optional<Fault> fault;
  // Count of AVPs that were left out without becoming the fault: unknown or malformed with M=0, in
  // StopCCN and CDN with M=1 too.
  int ignored_avps = 0;
  // A message of unknown type with M=0: acknowledge, then ignore (section 4.4.1). To be looked at
  // before message.type(), which holds the number from the wire, and 0 is that of a ZLB.
  bool ignore = false;
};

// Reads `raw`, un-hiding with `secret` (nullopt: no secret is shared, hidden AVPs are unreadable).
// Applies RFC 2661 sections 4.1, 4.3, 4.4 and 7.1: see Decoded. Known AVPs that do not belong to
// the message are kept and harmless. A short Result Code (2 octets) is accepted, and one in
// little-endian order (Apple) is put right. A repeated AVP: the first counts, the others are not
// even looked at.
//
// Malformed AVPs give kWrongLength or kOutOfRange, a missing one kOutOfRange, and only an
// unrecognised one with M=1 gives kUnknownMandatoryAvp, with its vendor and type in the text.
// Missing AVPs are no fault in StopCCN and CDN (none was ever assigned, or the header says it), nor
// is a missing ACCM in an SLI that has other AVPs (RFC 3437).
Decoded DecodeMessage(const RawMessage& raw, std::optional<absl::string_view> secret);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_MESSAGE_H_
