// What "l2tpctl top" shows of a sample.

#ifndef L2TP_CLIENTS_L2TPCTL_TOP_VIEW_H_
#define L2TP_CLIENTS_L2TPCTL_TOP_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "clients/l2tpctl/layout.h"
#include "clients/l2tpctl/rates.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/system.pb.h"
#include "l2tp/v1/tunnel.pb.h"

namespace l2tp::ctl {

enum class Sort { kTotal, kRx, kTx, kName };

// How things are at a time.
struct Sample {
  struct Line {
    v1::Session session;
    std::optional<Rates> rates;  // nullopt: not known, or nothing is carried
  };
  v1::System system;
  std::vector<Line> sessions;
  std::vector<v1::Tunnel> tunnels;  // if they are to be shown
  std::string trouble;              // why it could not be taken; the rest is then as it was before
};

struct TopOptions {
  bool tunnels = false;  // a line a tunnel, not a session
  Sort sort = Sort::kTotal;
};

// At most `rows` lines of at most the layout's width; 0: all of it. The lines with most come first,
// names go by the alphabet.
std::string TopView(const Sample& sample, const TopOptions& options, const Layout& layout,
                    size_t rows);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_TOP_VIEW_H_
