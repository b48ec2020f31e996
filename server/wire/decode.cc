#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/wire/avp_table.h"
#include "server/wire/hiding.h"
#include "server/wire/message.h"
#include "server/wire/value_codec.h"

namespace l2tp::wire {
namespace {

// The first two octets of an AVP.
constexpr uint16_t kMandatory = 0x8000;
constexpr uint16_t kHidden = 0x4000;
constexpr uint16_t kReservedBits = 0x3c00;
constexpr uint16_t kLengthMask = 0x03ff;

bool Is(const RawAvp& avp, AvpType type) {
  return avp.vendor_id == VendorOf(type) && avp.type == NumberOf(type) && !avp.reserved_bits;
}

// What ends a tunnel or a session is obeyed whatever else is wrong with it: refusing it would keep
// alive what the peer has already forgotten.
bool IsFarewell(MessageType type) {
  return type == MessageType::kStopCcn || type == MessageType::kCdn;
}

// Reads one message. Every AVP is looked at once, and each type is un-hidden and kept at most once,
// so that a datagram full of repetitions costs no more than its length.
class Decoder {
 public:
  // Fills `*out`. The arguments must outlive the decoder.
  Decoder(const RawMessage& raw, std::optional<absl::string_view> secret, Decoded* out)
      : raw_(raw), secret_(secret), out_(*out) {}

  void Run() {
    if (raw_.avps.empty() && !raw_.truncated) return;  // ZLB
    if (!ReadMessageType()) return;
    for (size_t i = 1; i < raw_.avps.size(); ++i) ReadAvp(raw_.avps[i]);
    if (raw_.truncated) Judge(raw_.truncated_mandatory, *raw_.truncated);
    CheckRequiredAvps();
  }

 private:
  // Returns false when there is nothing more to read.
  bool ReadMessageType() {
    if (raw_.avps.empty()) return Unreadable(raw_.truncated->error, raw_.truncated->text);
    const RawAvp& first = raw_.avps.front();
    if (!Is(first, AvpType::kMessageType)) {
      return Unreadable(ErrorCode::kOutOfRange, "the first AVP is not Message Type");
    }
    if (first.hidden) return Unreadable(ErrorCode::kOutOfRange, "Message Type is hidden");
    const std::optional<uint16_t> number = ByteReader(first.value).ReadU16();
    if (!number || first.value.size() != sizeof(uint16_t)) {
      return Unreadable(ErrorCode::kWrongLength,
                        absl::StrCat("Message Type has ", first.value.size(), " octets"));
    }
    out_.message = Message(static_cast<MessageType>(*number));
    if (IsKnownMessageType(*number)) return true;
    if (!first.mandatory) {
      out_.ignore = true;
      return false;
    }
    return Unreadable(ErrorCode::kUnknownMandatoryAvp,
                      absl::StrCat("unknown mandatory message type ", *number));
  }

  void ReadAvp(const RawAvp& avp) {
    const AvpRow* row = avp.reserved_bits ? nullptr : FindAvp(avp.vendor_id, avp.type);
    if (row == nullptr) return Reject(avp, ErrorCode::kUnknownMandatoryAvp);
    if (row->type == AvpType::kRandomVector) return ReadRandomVector(avp, *row);
    const uint64_t bit = uint64_t{1} << (row - AvpTable().data());
    if (seen_ & bit) return;
    seen_ |= bit;
    if (avp.hidden) return ReadHidden(avp, *row);
    Keep(avp, *row, avp.value);
  }

  // Random Vectors are used up here: each serves the hidden AVPs up to the next (section 4.3).
  void ReadRandomVector(const RawAvp& avp, const AvpRow& row) {
    if (avp.hidden) return Reject(avp, row, ErrorCode::kOutOfRange, "must not be hidden");
    random_vector_ = avp.value;
  }

  void ReadHidden(const RawAvp& avp, const AvpRow& row) {
    if (!row.may_hide) return Reject(avp, row, ErrorCode::kOutOfRange, "must not be hidden");
    if (!secret_) return Reject(avp, row, ErrorCode::kOutOfRange, "is hidden without a secret");
    if (!random_vector_) {
      return Reject(avp, row, ErrorCode::kOutOfRange, "is hidden without a Random Vector before");
    }
    const std::optional<Bytes> value = UnhideValue(avp.type, *secret_, *random_vector_, avp.value);
    if (!value) return Reject(avp, row, ErrorCode::kWrongLength, "cannot be un-hidden");
    Keep(avp, row, *value);
  }

  void Keep(const RawAvp& avp, const AvpRow& row, ByteSpan octets) {
    AvpValue value;
    const ErrorCode error = ReadValue(row, octets, &value);
    if (error == ErrorCode::kNone) {
      out_.message.Add(row.type, std::move(value));
    } else {
      Reject(avp, row, error,
             error == ErrorCode::kWrongLength ? "has a wrong length" : "has a value out of range");
    }
  }

  void CheckRequiredAvps() {
    const MessageType type = out_.message.type();
    if (out_.fault || IsFarewell(type)) return;
    // RFC 3437 sends SLI with other AVPs in place of ACCM.
    if (type == MessageType::kSli && raw_.avps.size() > 1) return;
    for (const AvpRow& row : AvpTable()) {
      if (row.type == AvpType::kMessageType || !Contains(row.required_in, type)) continue;
      if (out_.message.Has(row.type)) continue;
      out_.fault = Fault{ErrorCode::kOutOfRange,
                         absl::StrCat(MessageTypeName(type), " lacks ", row.name, " (type ",
                                      static_cast<uint16_t>(row.type), ")")};
      return;
    }
  }

  // An AVP that cannot be recognised.
  void Reject(const RawAvp& avp, ErrorCode error) {
    if (!IsFatal(avp.mandatory)) return Count();
    out_.fault =
        Fault{error, absl::StrCat("unknown mandatory AVP: vendor ", avp.vendor_id, ", type ",
                                  avp.type, avp.reserved_bits ? ", reserved bits set" : "")};
  }
  // An AVP that is malformed.
  void Reject(const RawAvp& avp, const AvpRow& row, ErrorCode error, absl::string_view what) {
    if (!IsFatal(avp.mandatory)) return Count();
    out_.fault = Fault{error, absl::StrCat(row.name, " (type ", avp.type, ") ", what)};
  }
  void Judge(bool mandatory, const Fault& fault) {
    if (!IsFatal(mandatory)) return Count();
    out_.fault = fault;
  }

  // True when a bad AVP becomes the message's fault: the first such one does.
  bool IsFatal(bool mandatory) const {
    return mandatory && !out_.fault && !IsFarewell(out_.message.type());
  }
  void Count() { ++out_.ignored_avps; }

  bool Unreadable(ErrorCode error, absl::string_view text) {
    out_.fault = Fault{error, std::string(text), true};
    return false;
  }

  const RawMessage& raw_;
  const std::optional<absl::string_view> secret_;
  std::optional<ByteSpan> random_vector_;  // the last one before the AVP at hand
  // Bit n: the AVP of row n has been met. Message Type is read before all others.
  uint64_t seen_ = 1;
  Decoded& out_;
};

}  // namespace

std::optional<absl::string_view> RawMessage::HostName() const {
  for (const RawAvp& avp : avps) {
    if (!Is(avp, AvpType::kHostName)) continue;
    if (avp.hidden || avp.value.empty()) return std::nullopt;
    return absl::string_view(reinterpret_cast<const char*>(avp.value.data()), avp.value.size());
  }
  return std::nullopt;
}

RawMessage SplitAvps(ByteSpan body) {
  RawMessage raw;
  const auto stop = [&](bool mandatory, std::string text) {
    raw.truncated = Fault{ErrorCode::kWrongLength, std::move(text)};
    raw.truncated_mandatory = mandatory;
  };
  while (!body.empty()) {
    if (body.size() < kAvpHeaderSize) {
      stop((body[0] & 0x80) != 0,
           absl::StrCat("the message ends ", body.size(), " octets into an AVP header"));
      break;
    }
    ByteReader reader(body);
    const uint16_t flags = *reader.ReadU16();
    const size_t length = flags & kLengthMask;
    RawAvp avp;
    avp.mandatory = (flags & kMandatory) != 0;
    avp.hidden = (flags & kHidden) != 0;
    avp.reserved_bits = (flags & kReservedBits) != 0;
    avp.vendor_id = *reader.ReadU16();
    avp.type = *reader.ReadU16();
    if (length < kAvpHeaderSize || length > body.size()) {
      stop(avp.mandatory,
           absl::StrCat("AVP vendor ", avp.vendor_id, ", type ", avp.type, " has Length ", length,
                        " with ", body.size(), " octets left"));
      break;
    }
    avp.value = body.subspan(kAvpHeaderSize, length - kAvpHeaderSize);
    raw.avps.push_back(avp);
    body.remove_prefix(length);
  }
  return raw;
}

Decoded DecodeMessage(const RawMessage& raw, std::optional<absl::string_view> secret) {
  Decoded decoded;
  Decoder(raw, secret, &decoded).Run();
  return decoded;
}

}  // namespace l2tp::wire
