#include "server/control/ppp_exit.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace l2tp::control {
namespace {

using events::Cause;
using events::ClosedBy;
using events::CloseReason;

// Of CDN messages, RFC 2661 section 4.4.2.
enum Result : uint16_t {
  kLossOfCarrier = 1,
  kGeneralError = 2,
  kAdministrative = 3,
  kNoFacilitiesNow = 4,
  kNoFacilitiesEver = 5,
};
enum Error : uint16_t {
  kNoError = 0,
  kInsufficientResources = 4,
  kVendorSpecific = 6,
};

struct Row {
  int status;
  ClosedBy closed_by;
  CloseReason reason;
  Result result;
  Error error;
  absl::string_view text;
};

// In the order of pppd(8), section EXIT STATUS.
constexpr std::array<Row, 23> kRows = {{
    {0, ClosedBy::kPpp, CloseReason::kPppTerminated, kLossOfCarrier, kNoError,
     "PPP was closed by the other end"},
    {1, ClosedBy::kPpp, CloseReason::kPppdFailure, kGeneralError, kVendorSpecific, "pppd failed"},
    {2, ClosedBy::kDaemon, CloseReason::kPppdFailure, kNoFacilitiesEver, kNoError,
     "pppd did not accept its options"},
    {3, ClosedBy::kDaemon, CloseReason::kPppdFailure, kNoFacilitiesEver, kNoError,
     "pppd may not run without root's rights"},
    {4, ClosedBy::kDaemon, CloseReason::kPppdFailure, kNoFacilitiesEver, kNoError,
     "the kernel has no PPP"},
    {5, ClosedBy::kOperator, CloseReason::kAdministrative, kAdministrative, kNoError,
     "pppd was told to end by a signal"},
    {6, ClosedBy::kPpp, CloseReason::kPppdFailure, kNoFacilitiesNow, kNoError,
     "pppd could not lock its device"},
    {7, ClosedBy::kPpp, CloseReason::kPppdFailure, kNoFacilitiesNow, kNoError,
     "pppd could not open its device"},
    {8, ClosedBy::kPpp, CloseReason::kPppdFailure, kNoFacilitiesNow, kNoError,
     "pppd's connect script failed"},
    {9, ClosedBy::kPpp, CloseReason::kPppdFailure, kNoFacilitiesNow, kNoError,
     "pppd's pty command failed"},
    {10, ClosedBy::kPpp, CloseReason::kPppNegotiationFailed, kGeneralError, kVendorSpecific,
     "PPP negotiation failed: no network protocol came up"},
    {11, ClosedBy::kPpp, CloseReason::kPppPeerAuthFailed, kGeneralError, kVendorSpecific,
     "the peer failed to authenticate itself"},
    {12, ClosedBy::kPpp, CloseReason::kPppLimit, kAdministrative, kNoError,
     "the link was idle for too long"},
    {13, ClosedBy::kPpp, CloseReason::kPppLimit, kAdministrative, kNoError,
     "the connect time limit was reached"},
    {14, ClosedBy::kPpp, CloseReason::kPppTerminated, kAdministrative, kNoError,
     "callback was negotiated"},
    {15, ClosedBy::kPpp, CloseReason::kPppPeerDead, kLossOfCarrier, kNoError,
     "the peer did not answer LCP echo requests"},
    {16, ClosedBy::kPpp, CloseReason::kPppHangup, kLossOfCarrier, kNoError,
     "the link under PPP went away"},
    {17, ClosedBy::kPpp, CloseReason::kPppLoopback, kGeneralError, kVendorSpecific,
     "the link is looped back"},
    {18, ClosedBy::kPpp, CloseReason::kPppdFailure, kNoFacilitiesNow, kNoError,
     "pppd's init script failed"},
    {19, ClosedBy::kPpp, CloseReason::kPppOwnAuthFailed, kGeneralError, kVendorSpecific,
     "the peer refused our login"},
    {20, ClosedBy::kPpp, CloseReason::kPppLimit, kAdministrative, kNoError,
     "the traffic limit was reached"},
    {21, ClosedBy::kPpp, CloseReason::kPppPeerAuthFailed, kAdministrative, kNoError,
     "the calling number is not allowed"},
    // pppd catches SIGSEGV and its like and exits with this.
    {127, ClosedBy::kPpp, CloseReason::kPppdFailure, kGeneralError, kVendorSpecific,
     "pppd crashed"},
}};

constexpr Row kUnlisted = {
    -1, ClosedBy::kPpp, CloseReason::kPppdFailure, kGeneralError, kVendorSpecific, "pppd failed"};
constexpr Row kNotStarted = {-1,
                             ClosedBy::kDaemon,
                             CloseReason::kPppdFailure,
                             kGeneralError,
                             kInsufficientResources,
                             "pppd could not be started"};
constexpr Row kStalled = {-1,
                          ClosedBy::kDaemon,
                          CloseReason::kPppStalled,
                          kGeneralError,
                          kVendorSpecific,
                          "PPP made no progress"};
constexpr Row kKilled = {-1,
                         ClosedBy::kPpp,
                         CloseReason::kPppdKilled,
                         kGeneralError,
                         kVendorSpecific,
                         "pppd was killed"};
constexpr Row kStopped = {
    -1, ClosedBy::kOperator, CloseReason::kAdministrative, kAdministrative, kNoError, "stopped"};

const Row& RowFor(const PppExit& exit) {
  if (exit.stalled) return kStalled;
  if (exit.signal != 0) return exit.stopped_by_us ? kStopped : kKilled;
  if (exit.status < 0) return kNotStarted;
  // Other statuses tell more than that we were stopping it anyway: the peer may have been quicker.
  if (exit.stopped_by_us && exit.status == 5) return kStopped;
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& r) { return r.status == exit.status; });
  return row == kRows.end() ? kUnlisted : *row;
}

std::string Describe(const Row& row, const PppExit& exit) {
  std::string text(row.text.data(), row.text.size());
  if (&row == &kUnlisted) absl::StrAppend(&text, " (exit status ", exit.status, ")");
  if (&row == &kKilled) absl::StrAppend(&text, " by signal ", exit.signal);
  if (!exit.message.empty()) absl::StrAppend(&text, ": ", exit.message);
  return text;
}

}  // namespace

Cause DescribePppExit(const PppExit& exit) {
  const Row& row = RowFor(exit);
  Cause cause;
  cause.closed_by = row.closed_by;
  cause.reason = row.reason;
  cause.result_code = row.result;
  cause.error_code = row.error;
  cause.message = Describe(row, exit);
  cause.pppd_exit_status = exit.status;
  cause.pppd_signal = exit.signal;
  return cause;
}

std::optional<wire::PppDisconnectCause> DescribeForPeer(const PppExit& exit, bool lcp_up,
                                                        absl::string_view auth_method) {
  // Codes of RFC 3145 section 3, protocol numbers of PPP, and where the trouble is.
  enum : uint16_t { kNoProtocol = 0, kLcp = 0xc021, kPap = 0xc023, kChap = 0xc223, kIpcp = 0x8021 };
  enum : uint8_t { kNowhere = 0, kAtPeer = 1, kHere = 2 };
  const uint16_t authentication = auth_method == "PAP" ? kPap : kChap;
  wire::PppDisconnectCause cause;
  const auto is = [&cause](uint16_t code, uint16_t protocol, uint8_t direction) {
    cause.code = code;
    cause.protocol = protocol;
    cause.direction = direction;
  };
  switch (exit.signal != 0 || exit.stalled ? -1 : exit.status) {
    case 0: is(3, kNoProtocol, kAtPeer); break;    // normal disconnection
    case 5:                                        // told to end
    case 12:                                       // idle
    case 13:                                       // connect time
    case 20: is(1, kNoProtocol, kNowhere); break;  // administrative
    case 10:                                       // negotiation failed
      lcp_up ? is(18, kIpcp, kNowhere) : is(5, kLcp, kNowhere);
      break;
    case 11: is(16, authentication, kAtPeer); break;
    case 19: is(16, authentication, kHere); break;
    case 15: is(8, kLcp, kAtPeer); break;   // echo requests unanswered
    case 17: is(7, kLcp, kNowhere); break;  // loopback
    default: return std::nullopt;
  }
  return cause;
}

}  // namespace l2tp::control
