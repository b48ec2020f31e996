#include "server/control/session_table.h"

#include "absl/strings/match.h"

namespace l2tp::control {

SessionRecord* SessionTable::Find(absl::string_view name) {
  const auto record = records_.find(name);
  return record == records_.end() ? nullptr : &record->second;
}

SessionRecord* SessionTable::Find(SessionHandle handle) {
  const auto name = by_handle_.find(handle);
  return name == by_handle_.end() ? nullptr : Find(name->second);
}

SessionRecord* SessionTable::Find(PppId ppp) {
  const auto name = by_ppp_.find(ppp);
  return name == by_ppp_.end() ? nullptr : Find(name->second);
}

SessionRecord* SessionTable::Add(const std::string& name, SessionHandle handle) {
  SessionRecord& record = records_[name];
  record.handle = handle;
  record.info.name = name;
  by_handle_[handle] = name;
  return &record;
}

void SessionTable::Remove(const std::string& name) {
  const auto record = records_.find(name);
  if (record == records_.end()) return;
  if (!record->second.interface_name.empty()) {
    interface_names_.erase(record->second.interface_name);
  }
  by_ppp_.erase(record->second.ppp);
  by_handle_.erase(record->second.handle);
  records_.erase(record);
}

void SessionTable::Detach(SessionRecord* session) {
  by_ppp_.erase(session->ppp);
  by_handle_.erase(session->handle);
}

void SessionTable::SetPpp(SessionRecord* session, PppId ppp) {
  by_ppp_.erase(session->ppp);
  session->ppp = ppp;
  if (ppp) by_ppp_[ppp] = session->info.name;
}

void SessionTable::ReserveInterface(SessionRecord* session, const std::string& interface_name) {
  session->interface_name = interface_name;
  interface_names_[interface_name] = session->info.name;
}

const std::string* SessionTable::FindInterface(const std::string& interface_name) const {
  const auto holder = interface_names_.find(interface_name);
  return holder == interface_names_.end() ? nullptr : &holder->second;
}

std::vector<events::SessionInfo> SessionTable::All(absl::string_view prefix) const {
  std::vector<events::SessionInfo> all;
  if (prefix.empty()) all.reserve(records_.size());
  for (auto at = records_.lower_bound(prefix);
       at != records_.end() && absl::StartsWith(at->first, prefix); ++at) {
    all.push_back(at->second.info);
  }
  return all;
}

}  // namespace l2tp::control
