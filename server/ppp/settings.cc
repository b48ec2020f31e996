#include "server/ppp/settings.h"

namespace l2tp::ppp {

std::string DefaultPluginDir() { return L2TP_PPPD_PLUGIN_DIR; }

}  // namespace l2tp::ppp
