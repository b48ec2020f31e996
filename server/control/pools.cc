#include "server/control/pools.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/page.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

enum Kind : size_t { kAddress, kInterfaceId, kPrefix };
constexpr std::array<const char*, 3> kKindNames = {"addresses", "interface identifiers",
                                                   "prefixes"};

using Numbers = std::array<std::optional<uint64_t>, 3>;

// What a lease or a user has, as numbers of pools.
template <typename T>
Numbers NumbersOf(const T& owner) {
  Numbers numbers;
  if (owner.address.is_set()) numbers[kAddress] = owner.address.v4();
  if (owner.interface_id.is_set()) numbers[kInterfaceId] = owner.interface_id.v6_lower();
  if (owner.prefix.address.is_set()) numbers[kPrefix] = owner.prefix.address.v6_upper();
  return numbers;
}

void Give(size_t kind, uint64_t number, Lease* lease) {
  switch (kind) {
    case kAddress: lease->address = IpAddress::FromV4(static_cast<uint32_t>(number)); break;
    case kInterfaceId: lease->interface_id = IpAddress::FromV6(0, number); break;
    default: lease->prefix = IpPrefix{IpAddress::FromV6(number, 0), 64}; break;
  }
}

std::string TextOf(size_t kind, uint64_t number) {
  Lease lease;
  Give(kind, number, &lease);
  return kind == kAddress       ? lease.address.ToString()
         : kind == kInterfaceId ? InterfaceIdText(lease.interface_id)
                                : lease.prefix.ToString();
}

bool HasAny(const Numbers& numbers) {
  return numbers[kAddress] || numbers[kInterfaceId] || numbers[kPrefix];
}

absl::Status NotFound(absl::string_view name) {
  return MakeError(Reason::kPoolNotFound, absl::StrCat(name, " does not exist"),
                   {{"name", std::string(name)}});
}

PoolUsage UsageOf(const NumberPool& numbers) {
  return {numbers.size(), numbers.lent(), numbers.set_aside()};
}

}  // namespace

Pool Pools::View(const Entry& entry) {
  Pool pool = entry.pool;
  pool.addresses = UsageOf(entry.numbers[kAddress]);
  pool.interface_ids = UsageOf(entry.numbers[kInterfaceId]);
  pool.prefixes = UsageOf(entry.numbers[kPrefix]);
  return pool;
}

absl::Status Pools::ValidateBesideOthers(const Pool& pool) const {
  for (const auto& [name, other] : entries_) {
    if (name != pool.name) L2TP_RETURN_IF_ERROR(ValidateBeside(pool, other.pool));
  }
  return absl::OkStatus();
}

Pools::Entry Pools::MakeEntry(Pool pool) const {
  Entry entry;
  entry.numbers = {NumberPool(AddressNumbers(pool)), NumberPool(InterfaceIdNumbers(pool)),
                   NumberPool(PrefixNumbers(pool))};
  entry.pool = std::move(pool);
  for (const auto& [name, user] : owners_) SetAsideIn(&entry, user);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    for (const auto& [number, session] : holders_[kind]) entry.numbers[kind].Take(number);
  }
  return entry;
}

absl::StatusOr<Pool> Pools::Create(Pool pool, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(pool));
  if (entries_.contains(pool.name)) {
    return MakeError(Reason::kPoolExists, absl::StrCat(pool.name, " exists already"),
                     {{"name", pool.name}});
  }
  L2TP_RETURN_IF_ERROR(ValidateBesideOthers(pool));
  // A session may have something of it from before this pool was there.
  Entry entry = MakeEntry(std::move(pool));
  const Pool view = View(entry);
  if (mode == Mode::kDo) entries_.emplace(view.name, std::move(entry));
  return view;
}

absl::StatusOr<Pool> Pools::Update(Pool pool, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(pool));
  const auto found = entries_.find(pool.name);
  if (found == entries_.end()) return NotFound(pool.name);
  L2TP_RETURN_IF_ERROR(ValidateBesideOthers(pool));
  const Entry& old = found->second;
  Entry entry = MakeEntry(std::move(pool));
  for (const std::string& session : old.sessions) {
    const Numbers held = NumbersOf(leases_.find(session)->second);
    for (size_t kind = 0; kind < kKinds; ++kind) {
      if (!held[kind] || !old.numbers[kind].Contains(*held[kind])) continue;
      if (entry.numbers[kind].Contains(*held[kind])) continue;
      return MakeError(
          Reason::kResourceInUse,
          absl::StrCat(TextOf(kind, *held[kind]), " of ", found->first, " is used by ", session),
          {{"name", found->first}, {"used_by", session}});
    }
  }
  entry.sessions = old.sessions;
  const Pool view = View(entry);
  if (mode == Mode::kDo) found->second = std::move(entry);
  return view;
}

absl::StatusOr<Pool> Pools::Get(absl::string_view name) const {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return NotFound(name);
  return View(entry->second);
}

Page<Pool> Pools::List(const PageRequest& page, const PoolFilter& filter) const {
  return MakePage<Pool>(entries_, page, View,
                        [&filter](const Entry& entry) { return filter.Matches(entry.pool); });
}

absl::Status Pools::Delete(absl::string_view name) {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return NotFound(name);
  if (!entry->second.sessions.empty()) {
    const std::string& session = *entry->second.sessions.begin();
    return MakeError(Reason::kResourceInUse, absl::StrCat(name, " is used by ", session),
                     {{"name", std::string(name)}, {"used_by", session}});
  }
  entries_.erase(entry);
  return absl::OkStatus();
}

void Pools::SetAsideIn(Entry* entry, const User& user) {
  const Numbers own = NumbersOf(user);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (own[kind].has_value()) entry->numbers[kind].SetAside(*own[kind]);
  }
}

void Pools::SetAside(const User& user) {
  if (!HasAny(NumbersOf(user))) return;
  owners_[user.name] = user;
  owners_[user.name].password.clear();
  for (auto& [name, entry] : entries_) SetAsideIn(&entry, user);
}

void Pools::PutBack(const User& user) {
  owners_.erase(user.name);
  const Numbers own = NumbersOf(user);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (!own[kind].has_value()) continue;
    if (NumberPool* pool = PoolOf(kind, *own[kind])) pool->PutBack(*own[kind]);
  }
}

NumberPool* Pools::PoolOf(size_t kind, uint64_t number) {
  for (auto& [name, entry] : entries_) {
    if (entry.numbers[kind].Contains(number)) return &entry.numbers[kind];
  }
  return nullptr;
}

void Pools::Release(size_t kind, uint64_t number) {
  holders_[kind].erase(number);
  if (NumberPool* pool = PoolOf(kind, number)) pool->Release(number);
}

absl::Status Pools::Lend(const std::string& session, absl::string_view pool, bool ipv6) {
  const auto found = entries_.find(pool);
  if (found == entries_.end()) return NotFound(pool);
  Entry& entry = found->second;
  const Lease* present = Find(session);
  Lease lease = present == nullptr ? Lease() : *present;
  lease.name = session;
  const Numbers held = NumbersOf(lease);
  Numbers lent;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    NumberPool& numbers = entry.numbers[kind];
    if (held[kind].has_value() || numbers.size() == 0 || (kind != kAddress && !ipv6)) continue;
    lent[kind] = numbers.Acquire();
    if (lent[kind].has_value()) {
      Give(kind, *lent[kind], &lease);
      continue;
    }
    for (size_t i = 0; i < kind; ++i) {
      if (lent[i].has_value()) entry.numbers[i].Release(*lent[i]);
    }
    return MakeError(
        Reason::kPoolExhausted,
        absl::StrCat("all ", numbers.size(), " ", kKindNames[kind], " of ", pool, " are in use"),
        {{"name", std::string(pool)}});
  }
  if (!HasAny(lent)) return absl::OkStatus();
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (lent[kind].has_value()) holders_[kind][*lent[kind]] = session;
  }
  lease.pool = found->first;
  entry.sessions.insert(session);
  leases_[session] = std::move(lease);
  return absl::OkStatus();
}

absl::Status Pools::Claim(const std::string& session, const User& user) {
  const Numbers own = NumbersOf(user);
  if (!HasAny(own)) return absl::OkStatus();
  const Lease* present = Find(session);
  Lease lease = present == nullptr ? Lease() : *present;
  const Numbers held = NumbersOf(lease);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (!own[kind].has_value() || own[kind] == held[kind]) continue;
    if (!holders_[kind].contains(*own[kind])) continue;
    return absl::ResourceExhaustedError(absl::StrCat(TextOf(kind, *own[kind]),
                                                     user.name.empty() ? "" : " of ", user.name,
                                                     " is still in use by another session"));
  }
  bool any_of_pool = false;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (!own[kind].has_value()) {
      any_of_pool = any_of_pool || held[kind].has_value();
      continue;
    }
    if (held[kind].has_value()) Release(kind, *held[kind]);
    holders_[kind][*own[kind]] = session;
    if (NumberPool* pool = PoolOf(kind, *own[kind])) pool->Take(*own[kind]);
    Give(kind, *own[kind], &lease);
  }
  if (!any_of_pool && !lease.pool.empty()) {
    entries_.find(lease.pool)->second.sessions.erase(session);
    lease.pool.clear();
  }
  lease.name = session;
  lease.user = user.name;
  leases_[session] = std::move(lease);
  return absl::OkStatus();
}

void Pools::Return(absl::string_view session) {
  const auto found = leases_.find(session);
  if (found == leases_.end()) return;
  const Numbers held = NumbersOf(found->second);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (held[kind].has_value()) Release(kind, *held[kind]);
  }
  if (!found->second.pool.empty()) {
    entries_.find(found->second.pool)->second.sessions.erase(found->first);
  }
  leases_.erase(found);
}

const Lease* Pools::Find(absl::string_view session) const {
  const auto lease = leases_.find(session);
  return lease == leases_.end() ? nullptr : &lease->second;
}

absl::StatusOr<Page<Lease>> Pools::ListLeases(absl::string_view pool,
                                              const PageRequest& page) const {
  if (pool.empty()) {
    return MakePage<Lease>(leases_, page, [](const Lease& lease) { return lease; });
  }
  const auto entry = entries_.find(pool);
  if (entry == entries_.end()) return NotFound(pool);
  const std::set<std::string>& sessions = entry->second.sessions;
  PageFiller<Lease> filler(page);
  for (auto name = sessions.upper_bound(page.after); name != sessions.end(); ++name) {
    if (!filler.Take(*name, true, [&] { return leases_.find(*name)->second; })) break;
  }
  return filler.Done();
}

}  // namespace l2tp::control
