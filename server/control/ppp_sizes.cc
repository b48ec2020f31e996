#include "server/control/ppp_sizes.h"

#include <algorithm>

namespace l2tp::control {
namespace {

constexpr int kIpv4Header = 20;
constexpr int kIpv6Header = 40;
constexpr int kUdpHeader = 8;
// RFC 2661 section 3.1: flags, Tunnel ID, Session ID. The kernel sends no Length and no Offset.
constexpr int kL2tpHeader = 6;
constexpr int kL2tpLength = 2;    // many others do
constexpr int kL2tpSequence = 4;  // Ns and Nr
constexpr int kPppHeader = 4;     // address, control, protocol; nothing of it is compressed

constexpr int kLeast = 128;   // pppd's
constexpr int kMost = 1500;   // RFC 1661 section 6.1
constexpr int kUsual = 1452;  // as PppSettings

int Bounded(int octets) { return std::clamp(octets, kLeast, kMost); }

}  // namespace

PppSizes SizesForPath(int path_mtu, bool v6, bool sequenced) {
  if (path_mtu <= 0) return {kUsual, kUsual};
  const int mtu = path_mtu - (v6 ? kIpv6Header : kIpv4Header) - kUdpHeader - kL2tpHeader -
                  (sequenced ? kL2tpSequence : 0) - kPppHeader;
  return {Bounded(mtu), Bounded(mtu - kL2tpLength)};
}

void SetSizes(const Profile& profile, int path_mtu, bool v6, events::SessionInfo* session) {
  const bool sequenced = profile.session.send_sequence || profile.session.receive_sequence ||
                         session->sequencing_required;
  const PppSizes sizes = SizesForPath(path_mtu, v6, sequenced);
  session->mtu = profile.ppp.mtu == 0 ? sizes.mtu : profile.ppp.mtu;
  session->mru = profile.ppp.mru == 0 ? sizes.mru : profile.ppp.mru;
}

}  // namespace l2tp::control
