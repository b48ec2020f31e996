#include "clients/l2tpctl/rates.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l2tp::ctl {

void Rates::Add(const Rates& other) {
  rx_bps += other.rx_bps;
  tx_bps += other.tx_bps;
  rx_pps += other.rx_pps;
  tx_pps += other.tx_pps;
}

std::optional<Rates> RateMeter::Update(const v1::Session& session, Time now) {
  const std::string call =
      absl::StrCat(session.name(), "/", session.uid(), "/", session.assigned_session_id());
  const v1::SessionCounters& counters = session.counters();
  const auto found = known_.find(call);
  std::optional<Rates> rates;
  if (found != known_.end()) {
    const v1::SessionCounters& before = found->second.counters;
    const double seconds = std::chrono::duration<double>(now - found->second.time).count();
    const auto rate = [seconds](int64_t was, int64_t is) {
      return static_cast<double>(is - was) / seconds;
    };
    if (seconds > 0 && counters.rx_byte_count() >= before.rx_byte_count() &&
        counters.tx_byte_count() >= before.tx_byte_count()) {
      rates = Rates{8 * rate(before.rx_byte_count(), counters.rx_byte_count()),
                    8 * rate(before.tx_byte_count(), counters.tx_byte_count()),
                    rate(before.rx_packet_count(), counters.rx_packet_count()),
                    rate(before.tx_packet_count(), counters.tx_packet_count())};
    }
  }
  known_[call] = {counters, now, true};
  return rates;
}

void RateMeter::ForgetOthers() {
  for (auto it = known_.begin(); it != known_.end();) {
    if (!it->second.fresh) {
      it = known_.erase(it);
    } else {
      it->second.fresh = false;
      ++it;
    }
  }
}

std::string FormatRate(double rate) {
  // Not 1000k: what rounds up to that has the next unit.
  for (const char* unit : {"", "k", "M", "G", "T"}) {
    if (rate < 999.5) {
      if (*unit == '\0' || rate >= 99.95) return absl::StrFormat("%.0f%s", rate, unit);
      return absl::StrFormat("%.*f%s", rate >= 9.995 ? 1 : 2, rate, unit);
    }
    rate /= 1000;
  }
  return absl::StrFormat("%.0fP", rate);
}

}  // namespace l2tp::ctl
