// The access line of a call (RFC 5515 section 5) between AVPs and the fields that are shown.

#ifndef L2TP_SERVER_CONTROL_ACCESS_LINE_H_
#define L2TP_SERVER_CONTROL_ACCESS_LINE_H_

#include <optional>
#include <vector>

#include "server/events/resources.h"
#include "server/wire/message.h"

namespace l2tp::control {

// nullopt when there is none in `avps`.
std::optional<events::AccessLine> ToAccessLine(const std::vector<wire::Avp>& avps);
// Only what is set: nothing is told of a line of which nothing is known (section 3).
std::vector<wire::Avp> ToAvps(const events::AccessLine& line);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_ACCESS_LINE_H_
