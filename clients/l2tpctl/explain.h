// Why a tunnel or session is as it is, in plain words.

#ifndef L2TP_CLIENTS_L2TPCTL_EXPLAIN_H_
#define L2TP_CLIENTS_L2TPCTL_EXPLAIN_H_

#include <string>
#include <vector>

#include "clients/l2tpctl/layout.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/tunnel.pb.h"

namespace l2tp::ctl {

// What has happened, oldest first.
using Story = std::vector<v1::Event>;

// The story, a line an event; where it stands; why it ended, if it has; what speaks for a fault;
// what to do.
std::string Explain(const v1::Tunnel& tunnel, const Story& story, const Layout& layout);
std::string Explain(const v1::Session& session, const Story& story, const Layout& layout);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_EXPLAIN_H_
