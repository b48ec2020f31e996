// How large PPP's packets may be, when the path to the peer is to say so.

#ifndef L2TP_SERVER_CONTROL_PPP_SIZES_H_
#define L2TP_SERVER_CONTROL_PPP_SIZES_H_

#include "server/control/specs.h"
#include "server/events/resources.h"

namespace l2tp::control {

struct PppSizes {
  int mtu = 0;  // octets
  int mru = 0;

  friend bool operator==(const PppSizes&, const PppSizes&) = default;
};

// What of `path_mtu`, the size of an IP packet that gets to the peer in one piece, is left for a
// packet in PPP. Never more than 1500, which is what PPP takes without asking, and never less than
// 128, which pppd can do at least; 1452 when the path is not known (0). `sequenced`: data messages
// have numbers.
PppSizes SizesForPath(int path_mtu, bool v6, bool sequenced);

// The MTU and MRU of `profile` into `session`, those that are 0 by the path. What a session that is
// to be numbered because the peer requires it needs more is left to fragmentation.
void SetSizes(const Profile& profile, int path_mtu, bool v6, events::SessionInfo* session);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PPP_SIZES_H_
