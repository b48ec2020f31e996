// The sections of the file, each into its value.

#ifndef L2TP_SERVER_CONFIG_RESOURCES_H_
#define L2TP_SERVER_CONFIG_RESOURCES_H_

#include "server/config/config.h"
#include "server/config/section.h"

namespace l2tp::config {

void ReadDaemon(Section section, Config* config);
void ReadApi(Section section, ApiSettings* api);
void ReadEventHistory(Section section, EventHistorySettings* history);
// Whether what has been read of both is secure together. `daemon` is for the place of the error.
void CheckApiAddresses(Section daemon, const Config& config);

// Each reads one element of its list, validates it, and reports unknown keys.
void ReadProfile(Section* section, control::Profile* profile);
void ReadPool(Section* section, control::Pool* pool);
void ReadUser(Section* section, control::User* user);
void ReadPeer(Section* section, control::Peer* peer);
void ReadTunnel(Section* section, control::TunnelSpec* spec);
void ReadSession(Section* section, control::SessionSpec* spec);

}  // namespace l2tp::config

#endif  // L2TP_SERVER_CONFIG_RESOURCES_H_
