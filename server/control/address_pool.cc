#include "server/control/address_pool.h"

namespace l2tp::control {

AddressPool::AddressPool(const IpAddress& first, const IpAddress& last)
    : first_(first.v4()), last_(last.v4()), never_given_(first.v4()) {}

std::optional<IpAddress> AddressPool::Acquire() {
  uint32_t address = 0;
  if (never_given_ <= int64_t{last_}) {
    address = static_cast<uint32_t>(never_given_++);
  } else if (!returned_.empty()) {
    address = returned_.front();
    returned_.pop_front();
  } else {
    return std::nullopt;
  }
  used_.insert(address);
  return IpAddress::FromV4(address);
}

void AddressPool::Release(const IpAddress& address) {
  if (address.is_v4() && used_.erase(address.v4()) > 0) returned_.push_back(address.v4());
}

}  // namespace l2tp::control
