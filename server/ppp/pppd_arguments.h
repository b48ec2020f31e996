// The command line of a pppd.

#ifndef L2TP_SERVER_PPP_PPPD_ARGUMENTS_H_
#define L2TP_SERVER_PPP_PPPD_ARGUMENTS_H_

#include <string>
#include <vector>

#include "server/control/ports.h"
#include "server/ppp/settings.h"

namespace l2tp::ppp {

// The descriptor at which pppd finds its PPPoL2TP socket.
inline constexpr int kPppoxDescriptor = 3;
inline constexpr int kHoldDescriptor = 4;  // a pipe: see PppPort::Begin

// What every pppd of ours is told first: to load our plugins, which bring options that follow.
std::vector<std::string> PppdPlugins(const Settings& settings);

// Everything else that pppd must be told to serve `spec`. Never a secret. `radius_config`: path of
// the RADIUS plugin's configuration, if it is used.
//
// pppd reads /etc/ppp/options first, whatever it is told, and Debian ships one that asks for
// authentication, echoes and more. So each choice is spelt out, the default ones too.
std::vector<std::string> PppdOptions(const Settings& settings, const control::PppSpec& spec,
                                     control::PppId id, const std::string& radius_config = "");

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_PPPD_ARGUMENTS_H_
