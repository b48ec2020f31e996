#include "tests/bench/load/ppp/ipv6cp.h"

namespace l2tp::load::ppp {
namespace {

constexpr uint8_t kInterfaceIdentifier = 1;
// Bit "u": the identifier is that of a real device (RFC 5072 section 4.1). Ours are not.
constexpr uint64_t kUniversal = uint64_t{1} << 57;

uint64_t NewIdentifier(RandomSource* random) { return (random->NextU64() & ~kUniversal) | 1; }

// 0 for anything that is none.
uint64_t ReadIdentifier(const Option& option) {
  ByteReader reader(option.value);
  const uint64_t identifier = reader.ReadU64().value_or(0);
  return reader.empty() ? identifier : 0;
}

Bytes WriteIdentifier(uint64_t identifier) {
  ByteWriter writer;
  writer.WriteU64(identifier);
  return writer.Take();
}

}  // namespace

Ipv6cp::Ipv6cp(RandomSource* random)
    : random_(random), automaton_(this), local_(NewIdentifier(random)) {}

std::vector<Option> Ipv6cp::Wanted() const {
  return {{kInterfaceIdentifier, WriteIdentifier(local_)}};
}

bool Ipv6cp::HandleNak(const Option& option) {
  if (option.type != kInterfaceIdentifier) return true;
  const uint64_t offered = ReadIdentifier(option);
  local_ = offered != 0 ? offered : NewIdentifier(random_);
  return true;
}

bool Ipv6cp::HandleReject(const Option& option) { return option.type != kInterfaceIdentifier; }

// Section 4.1: 0 asks for one, and the two must differ.
Negotiator::Verdict Ipv6cp::Judge(Option* option) {
  if (option->type != kInterfaceIdentifier || option->value.size() != sizeof(uint64_t)) {
    return Verdict::kReject;
  }
  const uint64_t wanted = ReadIdentifier(*option);
  if (wanted != 0 && wanted != local_) return Verdict::kAck;
  option->value = WriteIdentifier(NewIdentifier(random_));
  return Verdict::kNak;
}

std::vector<Option> Ipv6cp::Missing(const std::vector<Option>&) const { return {}; }

void Ipv6cp::HandleAgreed(const std::vector<Option>& request) {
  remote_ = 0;
  for (const Option& option : request) {
    if (option.type == kInterfaceIdentifier) remote_ = ReadIdentifier(option);
  }
}

}  // namespace l2tp::load::ppp
