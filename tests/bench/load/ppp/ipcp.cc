#include "tests/bench/load/ppp/ipcp.h"

#include <algorithm>

namespace l2tp::load::ppp {
namespace {

constexpr uint8_t kIpAddress = 3;

// Not set for anything that is no address of a host.
IpAddress ReadAddress(const Option& option) {
  ByteReader reader(option.value);
  const auto address = reader.ReadU32();
  if (!address.has_value() || !reader.empty() || *address == 0) return {};
  return IpAddress::FromV4(*address);
}

Bytes WriteAddress(const IpAddress& address) {
  ByteWriter writer;
  writer.WriteU32(address.v4());
  return writer.Take();
}

}  // namespace

Ipcp::Ipcp(const IpAddress& local, const IpAddress& remote)
    : automaton_(this), local_is_fixed_(local.is_v4()), local_(local), remote_(remote) {}

// Section 3.3: 0.0.0.0 asks for an address.
std::vector<Option> Ipcp::Wanted() const { return {{kIpAddress, WriteAddress(local_)}}; }

bool Ipcp::HandleNak(const Option& option) {
  if (option.type != kIpAddress) return true;
  const IpAddress offered = ReadAddress(option);
  if (local_is_fixed_) return offered == local_;
  if (!offered.is_set()) return false;
  local_ = offered;
  return true;
}

bool Ipcp::HandleReject(const Option& option) { return option.type != kIpAddress; }

Negotiator::Verdict Ipcp::Judge(Option* option) {
  if (option->type != kIpAddress || option->value.size() != 4) return Verdict::kReject;
  const IpAddress wanted = ReadAddress(*option);
  if (remote_.is_set()) {
    if (wanted == remote_) return Verdict::kAck;
    option->value = WriteAddress(remote_);
    return Verdict::kNak;
  }
  // It asks for an address and we have none to give.
  return wanted.is_set() ? Verdict::kAck : Verdict::kReject;
}

std::vector<Option> Ipcp::Missing(const std::vector<Option>& request) const {
  const bool told = std::any_of(request.begin(), request.end(),
                                [](const Option& option) { return option.type == kIpAddress; });
  if (told || !remote_.is_set()) return {};
  return {{kIpAddress, WriteAddress(remote_)}};
}

void Ipcp::HandleAgreed(const std::vector<Option>& request) {
  agreed_remote_ = IpAddress();
  for (const Option& option : request) {
    if (option.type == kIpAddress) agreed_remote_ = ReadAddress(option);
  }
}

}  // namespace l2tp::load::ppp
