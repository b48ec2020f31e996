// What events and initial states tell of profiles, pools, users and peers: everything but secrets.

#ifndef L2TP_SERVER_CONTROL_CONFIG_INFO_H_
#define L2TP_SERVER_CONTROL_CONFIG_INFO_H_

#include "server/control/specs.h"
#include "server/events/resources.h"

namespace l2tp::control {

events::ConfigInfo MakeConfigInfo(Profile profile);
events::ConfigInfo MakeConfigInfo(Pool pool);
events::ConfigInfo MakeConfigInfo(User user);
events::ConfigInfo MakeConfigInfo(Peer peer);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CONFIG_INFO_H_
