#include "server/wire/value_codec.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace l2tp::wire {
namespace {

constexpr uint16_t kReserved = 0;

// The least and most octets of a value that is not hidden.
struct SizeRange {
  size_t min;
  size_t max;
};

SizeRange SizeRangeOf(const AvpRow& row) {
  const size_t max = row.max_size == 0 ? kMaxAvpValueSize : row.max_size;
  switch (row.layout) {
    case Layout::kEmpty: return {0, 0};
    case Layout::kU16: return {2, 2};
    case Layout::kU32: return {4, 4};
    case Layout::kU64:
    case Layout::kTieBreaker: return {8, 8};
    case Layout::kText:
    case Layout::kOctets: return {row.min_size, max};
    case Layout::kProtocolVersion: return {2, 2};
    case Layout::kResultCode: return {2, max};  // but not 3
    case Layout::kQ931Cause: return {3, max};
    case Layout::kCallErrors: return {26, 26};
    case Layout::kAccm: return {10, 10};
    case Layout::kPppDisconnect: return {5, max};
  }
  return {0, 0};
}

uint16_t SwapOctets(uint16_t value) { return static_cast<uint16_t>(value << 8 | value >> 8); }
bool LooksSwapped(uint16_t value) { return value > 0xff && (value & 0xff) == 0; }

ResultCode ReadResultCode(ByteReader reader) {
  ResultCode code;
  code.result = *reader.ReadU16();
  code.error = reader.ReadU16().value_or(0);
  code.message = AsText(reader.ReadRest());
  // Apple's clients send both codes in little-endian order. No Result Code with a low octet of 0 is
  // assigned; an Error Code alone proves nothing, for it can hold a protocol version (1.0: 0x0100).
  if (LooksSwapped(code.result)) {
    code.result = SwapOctets(code.result);
    if (LooksSwapped(code.error)) code.error = SwapOctets(code.error);
  }
  return code;
}

Q931Cause ReadQ931Cause(ByteReader reader) {
  Q931Cause cause;
  cause.cause_code = *reader.ReadU16();
  cause.cause_message = *reader.ReadU8();
  cause.advisory = AsText(reader.ReadRest());
  return cause;
}

CallErrors ReadCallErrors(ByteReader reader) {
  reader.ReadU16();  // reserved
  CallErrors errors;
  for (uint32_t* counter :
       {&errors.crc_errors, &errors.framing_errors, &errors.hardware_overruns,
        &errors.buffer_overruns, &errors.timeout_errors, &errors.alignment_errors}) {
    *counter = *reader.ReadU32();
  }
  return errors;
}

Accm ReadAccm(ByteReader reader) {
  reader.ReadU16();  // reserved
  Accm accm;
  accm.send = *reader.ReadU32();
  accm.receive = *reader.ReadU32();
  return accm;
}

PppDisconnectCause ReadPppDisconnectCause(ByteReader reader) {
  PppDisconnectCause cause;
  cause.code = *reader.ReadU16();
  cause.protocol = *reader.ReadU16();
  cause.direction = *reader.ReadU8();
  cause.message = AsText(reader.ReadRest());
  return cause;
}

// The front of `text` that fits in `room` octets and does not end inside a UTF-8 character.
absl::string_view Fit(absl::string_view text, size_t room) {
  if (text.size() <= room) return text;
  constexpr size_t kMostContinuations = 3;
  size_t end = room;
  const size_t least = room - std::min(room, kMostContinuations);
  while (end > least && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  if ((static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) end = room;  // not UTF-8
  return text.substr(0, end);
}

// The alternative that the row's layout asks for.
template <typename T>
const T& Expect(const AvpRow& row, const AvpValue& value) {
  const T* found = std::get_if<T>(&value);
  if (found == nullptr) {
    std::fprintf(stderr, "%.*s AVP given a value of type %zu\n", static_cast<int>(row.name.size()),
                 row.name.data(), value.index());
    std::abort();
  }
  return *found;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text), "\"");
}

struct ToText {
  Layout layout;

  std::string operator()(Empty) const { return "yes"; }
  std::string operator()(uint16_t value) const { return absl::StrCat(value); }
  std::string operator()(uint32_t value) const { return absl::StrCat(value); }
  std::string operator()(uint64_t value) const {
    if (layout == Layout::kU64) return absl::StrCat(value);
    return absl::StrCat("0x", absl::Hex(value, absl::kZeroPad16));
  }
  std::string operator()(const std::string& value) const {
    if (layout == Layout::kText) return Quoted(value);
    return absl::StrCat("<", value.size(), " octets>");
  }
  std::string operator()(const ProtocolVersion& value) const {
    return absl::StrCat(value.version, ".", value.revision);
  }
  std::string operator()(const ResultCode& value) const {
    std::string text = absl::StrCat(value.result);
    if (value.error != 0 || !value.message.empty()) absl::StrAppend(&text, "/", value.error);
    if (!value.message.empty()) absl::StrAppend(&text, " ", Quoted(value.message));
    return text;
  }
  std::string operator()(const Q931Cause& value) const {
    std::string text = absl::StrCat(value.cause_code, "/", value.cause_message);
    if (!value.advisory.empty()) absl::StrAppend(&text, " ", Quoted(value.advisory));
    return text;
  }
  std::string operator()(const CallErrors& value) const {
    return absl::StrCat("crc:", value.crc_errors, ",framing:", value.framing_errors,
                        ",hardware:", value.hardware_overruns, ",buffer:", value.buffer_overruns,
                        ",timeout:", value.timeout_errors, ",alignment:", value.alignment_errors);
  }
  std::string operator()(const Accm& value) const {
    return absl::StrCat(absl::Hex(value.send, absl::kZeroPad8), "/",
                        absl::Hex(value.receive, absl::kZeroPad8));
  }
  std::string operator()(const PppDisconnectCause& value) const {
    std::string text = absl::StrCat(value.code, "/", absl::Hex(value.protocol, absl::kZeroPad4),
                                    "/", value.direction);
    if (!value.message.empty()) absl::StrAppend(&text, " ", Quoted(value.message));
    return text;
  }
};

}  // namespace

ErrorCode ReadValue(const AvpRow& row, ByteSpan octets, AvpValue* value) {
  const SizeRange range = SizeRangeOf(row);
  if (octets.size() < range.min || octets.size() > range.max) return ErrorCode::kWrongLength;
  ByteReader reader(octets);  // every read below is within range.min
  switch (row.layout) {
    case Layout::kEmpty: *value = Empty(); break;
    case Layout::kU16: {
      const uint16_t number = *reader.ReadU16();
      if (row.non_zero && number == 0) return ErrorCode::kOutOfRange;
      *value = number;
      break;
    }
    case Layout::kU32: {
      const uint32_t number = *reader.ReadU32();
      if (row.non_zero && number == 0) return ErrorCode::kOutOfRange;
      *value = number;
      break;
    }
    case Layout::kU64:
    case Layout::kTieBreaker: *value = *reader.ReadU64(); break;
    case Layout::kText:
    case Layout::kOctets: *value = AsText(octets); break;
    case Layout::kProtocolVersion: *value = ProtocolVersion{octets[0], octets[1]}; break;
    case Layout::kResultCode:
      if (octets.size() == 3) return ErrorCode::kWrongLength;  // half an Error Code
      *value = ReadResultCode(reader);
      break;
    case Layout::kQ931Cause: *value = ReadQ931Cause(reader); break;
    case Layout::kCallErrors: *value = ReadCallErrors(reader); break;
    case Layout::kAccm: *value = ReadAccm(reader); break;
    case Layout::kPppDisconnect: *value = ReadPppDisconnectCause(reader); break;
  }
  return ErrorCode::kNone;
}

void WriteValue(const AvpRow& row, const AvpValue& value, size_t room, ByteWriter* writer) {
  switch (row.layout) {
    case Layout::kEmpty: Expect<Empty>(row, value); break;
    case Layout::kU16: writer->WriteU16(Expect<uint16_t>(row, value)); break;
    case Layout::kU32: writer->WriteU32(Expect<uint32_t>(row, value)); break;
    case Layout::kU64:
    case Layout::kTieBreaker: writer->WriteU64(Expect<uint64_t>(row, value)); break;
    case Layout::kText: writer->WriteText(Fit(Expect<std::string>(row, value), room)); break;
    case Layout::kOctets: {
      const absl::string_view octets = Expect<std::string>(row, value);
      writer->WriteText(octets.substr(0, room));
      break;
    }
    case Layout::kProtocolVersion: {
      const auto& version = Expect<ProtocolVersion>(row, value);
      writer->WriteU8(version.version);
      writer->WriteU8(version.revision);
      break;
    }
    case Layout::kResultCode: {
      const auto& code = Expect<ResultCode>(row, value);
      writer->WriteU16(code.result);
      if (code.error == 0 && code.message.empty()) break;
      writer->WriteU16(code.error);
      writer->WriteText(Fit(code.message, room - 4));
      break;
    }
    case Layout::kQ931Cause: {
      const auto& cause = Expect<Q931Cause>(row, value);
      writer->WriteU16(cause.cause_code);
      writer->WriteU8(cause.cause_message);
      writer->WriteText(Fit(cause.advisory, room - 3));
      break;
    }
    case Layout::kCallErrors: {
      const auto& errors = Expect<CallErrors>(row, value);
      writer->WriteU16(kReserved);
      for (uint32_t counter :
           {errors.crc_errors, errors.framing_errors, errors.hardware_overruns,
            errors.buffer_overruns, errors.timeout_errors, errors.alignment_errors}) {
        writer->WriteU32(counter);
      }
      break;
    }
    case Layout::kAccm: {
      const auto& accm = Expect<Accm>(row, value);
      writer->WriteU16(kReserved);
      writer->WriteU32(accm.send);
      writer->WriteU32(accm.receive);
      break;
    }
    case Layout::kPppDisconnect: {
      const auto& cause = Expect<PppDisconnectCause>(row, value);
      writer->WriteU16(cause.code);
      writer->WriteU16(cause.protocol);
      writer->WriteU8(cause.direction);
      writer->WriteText(Fit(cause.message, room - 5));
      break;
    }
  }
}

std::string ValueToString(const AvpRow& row, const AvpValue& value) {
  return std::visit(ToText{row.layout}, value);
}

}  // namespace l2tp::wire
