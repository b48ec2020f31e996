#include "server/wire/avp_table.h"

#include <array>
#include <iterator>

namespace l2tp::wire {
namespace {

using enum MessageType;

// Sets that many rows share.
constexpr MessageSet kNone = SetOf();
constexpr MessageSet kSetUp = SetOf(kSccrq, kSccrp);
constexpr MessageSet kConnected = SetOf(kIccn, kOccn);
constexpr MessageSet kAll = SetOf(kSccrq, kSccrp, kScccn, kStopCcn, kHello, kOcrq, kOcrp, kOccn,
                                  kIcrq, kIcrp, kIccn, kCdn, kWen, kSli);

// Short words, so that a row can be read beside the RFC. H: may be hidden; NZ: not zero.
constexpr bool M = true, H = true, NZ = true, _ = false;
using T = AvpType;
using L = Layout;

// Type, name, layout, M, H, NZ; least and most octets, required in, optional in.
// clang-format off
constexpr AvpRow kTable[] = {
    {T::kMessageType,                "Message Type",                 L::kU16,             M, _, _,
     0, 0, kAll, kNone},
    {T::kResultCode,                 "Result Code",                  L::kResultCode,      M, _, _,
     0, 0, SetOf(kStopCcn, kCdn), kNone},
    {T::kProtocolVersion,            "Protocol Version",             L::kProtocolVersion, M, _, _,
     0, 0, kSetUp, kNone},
    {T::kFramingCapabilities,        "Framing Capabilities",         L::kU32,             M, H, _,
     0, 0, kSetUp, kNone},
    {T::kBearerCapabilities,         "Bearer Capabilities",          L::kU32,             M, H, _,
     0, 0, kNone, kSetUp},
    {T::kTieBreaker,                 "Tie Breaker",                  L::kTieBreaker,      _, _, _,
     0, 0, kNone, SetOf(kSccrq)},
    {T::kFirmwareRevision,           "Firmware Revision",            L::kU16,             _, H, _,
     0, 0, kNone, kSetUp},
    {T::kHostName,                   "Host Name",                    L::kText,            M, _, _,
     1, 0, kSetUp, kNone},
    {T::kVendorName,                 "Vendor Name",                  L::kText,            _, H, _,
     0, 0, kNone, kSetUp},
    {T::kAssignedTunnelId,           "Assigned Tunnel ID",           L::kU16,             M, H, NZ,
     0, 0, SetOf(kSccrq, kSccrp, kStopCcn), kNone},
    {T::kReceiveWindowSize,          "Receive Window Size",          L::kU16,             M, _, NZ,
     0, 0, kNone, kSetUp},
    {T::kChallenge,                  "Challenge",                    L::kOctets,          M, H, _,
     1, 0, kNone, kSetUp},
    {T::kQ931CauseCode,              "Q.931 Cause Code",             L::kQ931Cause,       M, _, _,
     0, 0, kNone, SetOf(kCdn)},
    {T::kChallengeResponse,          "Challenge Response",           L::kOctets,          M, H, _,
     16, 16, kNone, SetOf(kSccrp, kScccn)},
    {T::kAssignedSessionId,          "Assigned Session ID",          L::kU16,             M, H, NZ,
     0, 0, SetOf(kIcrq, kIcrp, kOcrq, kOcrp, kCdn), kNone},
    {T::kCallSerialNumber,           "Call Serial Number",           L::kU32,             M, H, _,
     0, 0, SetOf(kIcrq, kOcrq), kNone},
    {T::kMinimumBps,                 "Minimum BPS",                  L::kU32,             M, H, _,
     0, 0, SetOf(kOcrq), kNone},
    {T::kMaximumBps,                 "Maximum BPS",                  L::kU32,             M, H, _,
     0, 0, SetOf(kOcrq), kNone},
    {T::kBearerType,                 "Bearer Type",                  L::kU32,             M, H, _,
     0, 0, SetOf(kOcrq), SetOf(kIcrq)},
    {T::kFramingType,                "Framing Type",                 L::kU32,             M, H, _,
     0, 0, SetOf(kIccn, kOccn, kOcrq), kNone},
    {T::kCalledNumber,               "Called Number",                L::kText,            M, H, _,
     0, 0, SetOf(kOcrq), SetOf(kIcrq)},
    {T::kCallingNumber,              "Calling Number",               L::kText,            M, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kSubAddress,                 "Sub-Address",                  L::kText,            M, H, _,
     0, 0, kNone, SetOf(kIcrq, kOcrq)},
    {T::kTxConnectSpeed,             "(Tx) Connect Speed",           L::kU32,             M, H, _,
     0, 0, kConnected, kNone},
    {T::kPhysicalChannelId,          "Physical Channel ID",          L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq, kOcrp)},
    {T::kInitialReceivedLcpConfreq,  "Initial Received LCP CONFREQ", L::kOctets,          _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kLastSentLcpConfreq,         "Last Sent LCP CONFREQ",        L::kOctets,          _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kLastReceivedLcpConfreq,     "Last Received LCP CONFREQ",    L::kOctets,          _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kProxyAuthenType,            "Proxy Authen Type",            L::kU16,             _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kProxyAuthenName,            "Proxy Authen Name",            L::kOctets,          _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kProxyAuthenChallenge,       "Proxy Authen Challenge",       L::kOctets,          _, H, _,
     1, 0, kNone, SetOf(kIccn)},
    {T::kProxyAuthenId,              "Proxy Authen ID",              L::kU16,             _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kProxyAuthenResponse,        "Proxy Authen Response",        L::kOctets,          _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kCallErrors,                 "Call Errors",                  L::kCallErrors,      M, H, _,
     0, 0, SetOf(kWen), kNone},
    {T::kAccm,                       "ACCM",                         L::kAccm,            M, H, _,
     0, 0, SetOf(kSli), kNone},
    {T::kRandomVector,               "Random Vector",                L::kOctets,          M, _, _,
     0, 0, kNone, kAll},
    {T::kPrivateGroupId,             "Private Group ID",             L::kText,            _, H, _,
     0, 0, kNone, SetOf(kIccn)},
    {T::kRxConnectSpeed,             "Rx Connect Speed",             L::kU32,             _, H, _,
     0, 0, kNone, kConnected},
    {T::kSequencingRequired,         "Sequencing Required",          L::kEmpty,           M, _, _,
     0, 0, kNone, kConnected},
    {T::kPppDisconnectCause,         "PPP Disconnect Cause Code",    L::kPppDisconnect,   _, H, _,
     0, 0, kNone, SetOf(kCdn)},
    {T::kConnectSpeedUpdateEnable,   "Connect Speed Update Enable",  L::kEmpty,           _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kAgentCircuitId,             "Agent Circuit ID",             L::kText,            _, H, _,
     2, 63, kNone, SetOf(kIcrq)},
    {T::kAgentRemoteId,              "Agent Remote ID",              L::kText,            _, H, _,
     2, 63, kNone, SetOf(kIcrq)},
    {T::kActualRateUpstream,          "Actual Rate Upstream",         L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kActualRateDownstream,        "Actual Rate Downstream",       L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMinimumRateUpstream,         "Minimum Rate Upstream",        L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMinimumRateDownstream,       "Minimum Rate Downstream",      L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kAttainableRateUpstream,      "Attainable Rate Upstream",     L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kAttainableRateDownstream,    "Attainable Rate Downstream",   L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMaximumRateUpstream,         "Maximum Rate Upstream",        L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMaximumRateDownstream,       "Maximum Rate Downstream",      L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMinimumLowPowerRateUpstream, "Low Power Rate Upstream",      L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMinimumLowPowerRateDownstream, "Low Power Rate Downstream",    L::kU64,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMaximumDelayUpstream,        "Maximum Delay Upstream",       L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kActualDelayUpstream,         "Actual Delay Upstream",        L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kMaximumDelayDownstream,      "Maximum Delay Downstream",     L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kActualDelayDownstream,       "Actual Delay Downstream",      L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kAccessLoopEncapsulation,     "Access Loop Encapsulation",    L::kOctets,          _, H, _,
     3, 3, kNone, SetOf(kIcrq)},
    {T::kAccessLineType,              "Access Line Type",             L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
    {T::kIwfSession,                  "IWF Session",                  L::kU32,             _, H, _,
     0, 0, kNone, SetOf(kIcrq)},
};
// clang-format on

// RFC 2661 defines attributes 0 to 39 but for 20; their rows are found by counting, the few others
// by looking.
constexpr uint16_t kUnassigned = 20;
constexpr uint16_t kLast = 39;
constexpr size_t kBaseRows = 39;

constexpr size_t IndexOf(uint16_t attribute_type) {
  return attribute_type < kUnassigned ? attribute_type : attribute_type - size_t{1};
}

constexpr bool EveryRowStandsInItsPlace() {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    if (i > 0 && kTable[i - 1].type >= kTable[i].type) return false;
    const auto type = static_cast<uint32_t>(kTable[i].type);
    if (i < kBaseRows ? type == kUnassigned || IndexOf(NumberOf(kTable[i].type)) != i
                      : type <= kLast) {
      return false;
    }
  }
  return true;
}
constexpr bool EveryRowIsFilled() {
  for (const AvpRow& row : kTable) {
    if (row.name.empty() || (row.required_in | row.optional_in) == kNone) return false;
    if ((row.required_in & row.optional_in) != kNone) return false;
  }
  return true;
}

static_assert(std::size(kTable) <= 64);
static_assert(EveryRowStandsInItsPlace());
static_assert(EveryRowIsFilled());

}  // namespace

absl::Span<const AvpRow> AvpTable() { return kTable; }

const AvpRow* FindAvp(uint16_t vendor_id, uint16_t attribute_type) {
  if (vendor_id == kIetf && attribute_type <= kLast) {
    return attribute_type == kUnassigned ? nullptr : &kTable[IndexOf(attribute_type)];
  }
  for (const AvpRow& row : absl::MakeSpan(kTable).subspan(kBaseRows)) {
    if (VendorOf(row.type) == vendor_id && NumberOf(row.type) == attribute_type) return &row;
  }
  return nullptr;
}

const AvpRow* FindAvp(AvpType type) { return FindAvp(VendorOf(type), NumberOf(type)); }

}  // namespace l2tp::wire
