// Checks of single fields, for validate.cc and its like.

#ifndef L2TP_SERVER_CONTROL_CHECKS_H_
#define L2TP_SERVER_CONTROL_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/endpoint.h"

namespace l2tp::control {

inline constexpr size_t kMaxText = 253;    // numbers, host and user names
inline constexpr size_t kMaxSecret = 255;  // what pppd takes, and enough for tunnels

absl::Status CheckRange(absl::string_view field, int64_t value, int64_t least, int64_t most);

// Text that goes into an AVP or to pppd: no control characters, which could end a line or a field.
absl::Status CheckText(absl::string_view field, absl::string_view text, size_t most);

// Secrets may hold any character but NUL; the value itself does not get into the message.
absl::Status CheckSecret(absl::string_view field, absl::string_view secret);

// "", or the name of a resource of `collection`.
absl::Status CheckReference(absl::string_view field, absl::string_view collection,
                            absl::string_view name);

// The field "name": of `collection`, and there.
absl::Status CheckName(absl::string_view collection, absl::string_view name);

// "192.0.2.9" or "192.0.2.9:1812"; port 0 when there is none. nullopt for anything else.
std::optional<Endpoint> ParseServer(absl::string_view text);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CHECKS_H_
