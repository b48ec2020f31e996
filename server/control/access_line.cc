#include "server/control/access_line.h"

#include <string>
#include <type_traits>
#include <variant>

namespace l2tp::control {
namespace {

using wire::AvpType;

// One entry for each AVP, so that what is sent and what is read cannot differ.
template <typename Line, typename Function>
void ForEachField(Line& line, Function function) {
  function(AvpType::kAgentCircuitId, line.agent_circuit_id);
  function(AvpType::kAgentRemoteId, line.agent_remote_id);
  function(AvpType::kActualRateUpstream, line.actual_rate_upstream);
  function(AvpType::kActualRateDownstream, line.actual_rate_downstream);
  function(AvpType::kMinimumRateUpstream, line.minimum_rate_upstream);
  function(AvpType::kMinimumRateDownstream, line.minimum_rate_downstream);
  function(AvpType::kAttainableRateUpstream, line.attainable_rate_upstream);
  function(AvpType::kAttainableRateDownstream, line.attainable_rate_downstream);
  function(AvpType::kMaximumRateUpstream, line.maximum_rate_upstream);
  function(AvpType::kMaximumRateDownstream, line.maximum_rate_downstream);
  function(AvpType::kMinimumLowPowerRateUpstream, line.minimum_low_power_rate_upstream);
  function(AvpType::kMinimumLowPowerRateDownstream, line.minimum_low_power_rate_downstream);
  function(AvpType::kMaximumDelayUpstream, line.maximum_delay_upstream);
  function(AvpType::kActualDelayUpstream, line.actual_delay_upstream);
  function(AvpType::kMaximumDelayDownstream, line.maximum_delay_downstream);
  function(AvpType::kActualDelayDownstream, line.actual_delay_downstream);
  function(AvpType::kAccessLoopEncapsulation, line.encapsulation);
  function(AvpType::kAccessLineType, line.line_type);
  function(AvpType::kIwfSession, line.iwf_session);
}

}  // namespace

std::optional<events::AccessLine> ToAccessLine(const std::vector<wire::Avp>& avps) {
  if (avps.empty()) return std::nullopt;
  events::AccessLine line;
  ForEachField(line, [&avps]<typename Field>(AvpType type, Field& field) {
    for (const wire::Avp& avp : avps) {
      if (avp.type != type) continue;
      if constexpr (std::is_same_v<Field, std::string>) {
        field = std::get<std::string>(avp.value);
      } else {
        field = std::get<typename Field::value_type>(avp.value);
      }
    }
  });
  return line;
}

std::vector<wire::Avp> ToAvps(const events::AccessLine& line) {
  std::vector<wire::Avp> avps;
  ForEachField(line, [&avps]<typename Field>(AvpType type, const Field& field) {
    if constexpr (std::is_same_v<Field, std::string>) {
      if (!field.empty()) avps.push_back({type, field});
    } else {
      if (field.has_value()) avps.push_back({type, *field});
    }
  });
  return avps;
}

}  // namespace l2tp::control
