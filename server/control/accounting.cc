#include "server/control/accounting.h"

#include <utility>

namespace l2tp::control {

void Accounting::Start(const std::string& server, SessionFacts facts, Duration interim,
                       const events::SessionInfo& session) {
  const auto [account, is_new] = accounts_.try_emplace(session.name);
  if (!is_new) return;
  account->second = Account{server, std::move(facts), interim, env_->now(), IpAddress()};
  Tell(AccountingRecord::Type::kStart, session, &account->second);
  if (interim > Duration()) timers_.Set(session.name, env_->now() + interim);
}

void Accounting::Stop(const events::SessionInfo& session) {
  const auto account = accounts_.find(session.name);
  if (account == accounts_.end()) return;
  Tell(AccountingRecord::Type::kStop, session, &account->second);
  timers_.Cancel(session.name);
  accounts_.erase(account);
}

void Accounting::HandleTimeout(Get get) {
  while (auto due = timers_.TakeDue(env_->now())) {
    timers_.Set(*due, env_->now() + accounts_.find(*due)->second.interim);
    get(*due, [this, uid = accounts_.find(*due)->second.facts.session_uid](
                  absl::StatusOr<events::SessionInfo> session) {
      if (!session.ok() || session->uid != uid) return;
      const auto account = accounts_.find(session->name);
      if (account == accounts_.end()) return;
      Tell(AccountingRecord::Type::kInterim, *session, &account->second);
    });
  }
}

void Accounting::Tell(AccountingRecord::Type type, const events::SessionInfo& session,
                      Account* account) {
  if (session.ipv4.has_value()) account->address = session.ipv4->remote;
  AccountingRecord record;
  record.type = type;
  record.facts = account->facts;
  record.address = account->address;
  record.prefix = session.ipv6_prefix;
  record.duration = env_->now() - account->start;
  record.counters = session.counters;
  if (type == AccountingRecord::Type::kStop) {
    record.cause = events::CloseReasonName(session.cause.reason);
  }
  env_->ports.authenticator->Account(account->server, record);
}

}  // namespace l2tp::control
