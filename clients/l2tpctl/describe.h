// Resources and events in words.

#ifndef L2TP_CLIENTS_L2TPCTL_DESCRIBE_H_
#define L2TP_CLIENTS_L2TPCTL_DESCRIBE_H_

#include <string>

#include "clients/l2tpctl/table.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/pool.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/system.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "l2tp/v1/user.pb.h"

namespace l2tp::ctl {

// Names of enumerators as people like them: "established", "lac".
std::string Lower(const std::string& enumerator, const std::string& prefix);

// One page each.
Page Describe(const v1::Tunnel& tunnel);
Page Describe(const v1::Session& session);
Page Describe(const v1::Profile& profile);
Page Describe(const v1::Pool& pool);
Page Describe(const v1::User& user);
Page Describe(const v1::Peer& peer);
Page Describe(const v1::System& system);

// Who ended it, why, and what to do: lines "closed by", "reason" and so on.
void AddCause(const v1::Cause& cause, Page* page);

// "ppp_peer_dead"; "" while there is no cause.
template <typename Resource>
std::string ReasonOf(const Resource& resource) {
  return resource.has_cause() ? Lower(v1::Cause::Reason_Name(resource.cause().reason()), "REASON_")
                              : "";
}

// "PPP_PEER_DEAD: LCP echo requests stayed unanswered (pppd exit status 15: ...)", for one line.
std::string CauseInShort(const v1::Cause& cause);

// "2026-01-31T12:00:00.123Z SESSION_IP_UP tunnels/a/sessions/b interface=ppp0 local=..."
// In a layout with a width, facts that do not fit go on in the next line.
std::string EventLine(const v1::Event& event, const Layout& layout = {});
// "- STATE tunnels/a state=established ..."
std::string InitialStateLine(const v1::InitialState& initial, const Layout& layout = {});

std::string FormatTime(const google::protobuf::Timestamp& time);         // "" when not set
std::string FormatDuration(const google::protobuf::Duration& duration);  // "1.500s"
std::string FormatEndpoint(const std::string& address, int port);        // "[2001:db8::1]:1701"
// "MPPE/128", "MPPE/40 stateful", "Deflate", or "none".
std::string FormatSendCompression(const v1::CcpInfo& ccp);
std::string FormatReceiveCompression(const v1::CcpInfo& ccp);
std::string FormatAccm(uint32_t accm);                           // "0x000a0000"
std::string FormatFailures(const v1::ReconnectInfo& reconnect);  // "3", or "3/10" of a limit

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_DESCRIBE_H_
