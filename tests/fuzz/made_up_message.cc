#include "tests/fuzz/made_up_message.h"

#include <cstdint>
#include <string>
#include <utility>

#include "server/wire/avp_table.h"

namespace l2tp::wire {
namespace {

constexpr uint8_t kTypes = 18;          // 0 to 17: one below and one above those there are
constexpr uint8_t kLeaveOut = 0x80;     // in the second octet: add nothing
constexpr uint8_t kLeaveOneOut = 0x40;  // add all but the first
constexpr uint8_t kCount = 0x0f;
constexpr size_t kDigestSize = 16;

bool MayBeAdded(const AvpRow& row) {
  return row.type != AvpType::kMessageType && row.type != AvpType::kRandomVector;
}

AvpValue TakeValue(const AvpRow& row, Script* script) {
  switch (row.layout) {
    case Layout::kEmpty: return Empty{};
    case Layout::kU16: return script->U16();
    case Layout::kU32: return script->U32();
    case Layout::kU64:
    case Layout::kTieBreaker: return script->U64();
    case Layout::kText:
    case Layout::kOctets: return script->Text();
    case Layout::kProtocolVersion: {
      const uint8_t version = script->U8();
      return ProtocolVersion{version, script->U8()};
    }
    case Layout::kResultCode: {
      const uint16_t result = script->U8();
      const uint16_t error = script->U8();
      return ResultCode{result, error, script->Text()};
    }
    case Layout::kQ931Cause: {
      const uint16_t code = script->U16();
      const uint8_t message = script->U8();
      return Q931Cause{code, message, script->Text()};
    }
    case Layout::kCallErrors: return CallErrors{.crc_errors = script->U32()};
    case Layout::kAccm: return Accm{.send = script->U32()};
    case Layout::kPppDisconnect: {
      const uint16_t code = script->U16();
      const uint8_t direction = script->U8();
      return PppDisconnectCause{code, 0xc021, direction, script->Text()};
    }
  }
  return Empty{};
}

// What is good wherever the AVP is wanted.
AvpValue GoodValue(const AvpRow& row) {
  switch (row.layout) {
    case Layout::kEmpty: return Empty{};
    case Layout::kU16: return uint16_t{1};
    case Layout::kU32: return uint32_t{1};
    case Layout::kU64:
    case Layout::kTieBreaker: return uint64_t{1};
    case Layout::kText: return std::string("host");
    case Layout::kOctets: return std::string(kDigestSize, 'o');
    case Layout::kProtocolVersion: return ProtocolVersion{};
    case Layout::kResultCode: return MakeResult(CdnResult::kBusy);
    case Layout::kQ931Cause: return Q931Cause{};
    case Layout::kCallErrors: return CallErrors{};
    case Layout::kAccm: return Accm{};
    case Layout::kPppDisconnect: return PppDisconnectCause{};
  }
  return Empty{};
}

}  // namespace

Message MakeUpMessage(Script* script) {
  Message message(static_cast<MessageType>(script->U8() % kTypes));
  const uint8_t how = script->U8();
  for (int i = how & kCount; i > 0 && !script->empty(); --i) {
    const AvpRow& row = AvpTable()[script->U8() % AvpTable().size()];
    if (MayBeAdded(row)) message.Add(row.type, TakeValue(row, script));
  }
  if ((how & kLeaveOut) != 0) return message;
  bool leave_out = (how & kLeaveOneOut) != 0;
  for (const AvpRow& row : AvpTable()) {
    if (!MayBeAdded(row) || !Contains(row.required_in, message.type()) || message.Has(row.type)) {
      continue;
    }
    if (!std::exchange(leave_out, false)) message.Add(row.type, GoodValue(row));
  }
  return message;
}

}  // namespace l2tp::wire
