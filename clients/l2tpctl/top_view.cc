#include "clients/l2tpctl/top_view.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/context.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/table.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kLeastRows = 2;  // of the table: its headings and a line

struct Row {
  std::string name;
  std::optional<Rates> rates;
  std::vector<std::string> before;  // cells between the name and the rates
  std::vector<std::string> behind;
};

double KeyOf(const Row& row, Sort sort) {
  if (!row.rates.has_value()) return -1;
  switch (sort) {
    case Sort::kRx: return row.rates->rx_bps;
    case Sort::kTx: return row.rates->tx_bps;
    default: return row.rates->total_bps();
  }
}

void SortRows(Sort sort, std::vector<Row>* rows) {
  std::sort(rows->begin(), rows->end(), [sort](const Row& a, const Row& b) {
    const double left = KeyOf(a, sort);
    const double right = KeyOf(b, sort);
    if (sort != Sort::kName && left != right) return left > right;
    return a.name < b.name;
  });
}

std::vector<Row> SessionRows(const Sample& sample) {
  std::vector<Row> rows;
  for (const auto& [session, rates] : sample.sessions) {
    const std::string& user = session.has_auth() && !session.auth().user().empty()
                                  ? session.auth().user()
                                  : session.user();
    rows.push_back({ShortName(session.name()),
                    rates,
                    {Lower(v1::Session::State_Name(session.state()), "STATE_")},
                    {session.interface_name(), user}});
  }
  return rows;
}

std::vector<Row> TunnelRows(const Sample& sample) {
  struct Sum {
    int sessions = 0;
    std::optional<Rates> rates;
  };
  std::map<std::string, Sum> sums;
  for (const auto& [session, rates] : sample.sessions) {
    Sum& sum = sums[session.name().substr(0, session.name().find("/sessions/"))];
    ++sum.sessions;
    if (rates.has_value()) {
      if (!sum.rates.has_value()) sum.rates = Rates();
      sum.rates->Add(*rates);
    }
  }
  std::vector<Row> rows;
  for (const v1::Tunnel& tunnel : sample.tunnels) {
    const Sum& sum = sums[tunnel.name()];
    rows.push_back(
        {ShortName(tunnel.name()),
         sum.rates,
         {Lower(v1::Tunnel::State_Name(tunnel.state()), "STATE_"), absl::StrCat(sum.sessions)},
         {FormatEndpoint(tunnel.remote_ip_address(), tunnel.remote_port())}});
  }
  return rows;
}

Table MakeTable(const std::vector<Row>& rows, bool tunnels) {
  Table table(tunnels ? std::vector<std::string>{"TUNNEL", "STATE", "SESSIONS", "RX BPS", "TX BPS",
                                                 "RX PPS", "TX PPS", "REMOTE"}
                      : std::vector<std::string>{"SESSION", "STATE", "RX BPS", "TX BPS", "RX PPS",
                                                 "TX PPS", "IFACE", "USER"});
  table.SetStyle(1, StyleOfState);
  table.Keep(1);
  for (size_t column = 2; column < (tunnels ? 7 : 6); ++column) {
    table.AlignRight(column);
    table.Keep(column);
  }
  for (const Row& row : rows) {
    std::vector<std::string> cells = {row.name};
    cells.insert(cells.end(), row.before.begin(), row.before.end());
    for (const auto rate : {&Rates::rx_bps, &Rates::tx_bps, &Rates::rx_pps, &Rates::tx_pps}) {
      cells.push_back(row.rates.has_value() ? FormatRate(*row.rates.*rate) : "-");
    }
    cells.insert(cells.end(), row.behind.begin(), row.behind.end());
    table.AddRow(cells);
  }
  return table;
}

std::vector<std::string> HeaderLines(const Sample& sample, const Layout& layout) {
  const v1::System& system = sample.system;
  Rates total;
  for (const auto& line : sample.sessions) {
    if (line.rates.has_value()) total.Add(*line.rates);
  }
  const std::string time = absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone());
  std::vector<std::string> lines = {
      absl::StrCat(time, "  ", Printable(system.host_name()), ", l2tp-controller ",
                   Printable(system.version()), ", ",
                   Lower(v1::System::State_Name(system.state()), "STATE_")),
      absl::StrCat("tunnels ", system.tunnel_count(), ", established ",
                   system.established_tunnel_count(), "; sessions ", system.session_count(),
                   ", established ", system.established_session_count(), ", waiting ",
                   system.waiting_session_count()),
      absl::StrCat("received ", FormatRate(total.rx_bps), " bit/s, ", FormatRate(total.rx_pps),
                   " packets/s; sent ", FormatRate(total.tx_bps), " bit/s, ",
                   FormatRate(total.tx_pps), " packets/s")};
  if (!sample.trouble.empty()) lines.push_back("stale: " + Printable(sample.trouble));
  for (std::string& line : lines) {
    if (layout.width > 0 && DisplayWidth(line) > layout.width) line = Fit(line, layout.width);
  }
  if (!sample.trouble.empty()) lines.back() = Paint(lines.back(), Style::kBad, layout.colors);
  lines.emplace_back();
  return lines;
}

}  // namespace

std::string TopView(const Sample& sample, const TopOptions& options, const Layout& layout,
                    size_t rows) {
  std::vector<Row> shown = options.tunnels ? TunnelRows(sample) : SessionRows(sample);
  SortRows(options.sort, &shown);
  std::vector<std::string> lines = HeaderLines(sample, layout);
  std::string last;
  if (rows > 0) {
    lines.resize(std::min(lines.size(), rows > kLeastRows ? rows - kLeastRows : 0));
    const size_t room = rows - std::min(rows, lines.size() + 1);  // the headings take a line
    if (shown.size() > room) {
      const size_t more = shown.size() - room + 1;
      shown.resize(room == 0 ? 0 : room - 1);
      if (room > 0) last = absl::StrCat("and ", more, " more\n");
    }
  }
  const std::string table = MakeTable(shown, options.tunnels).Render(layout);
  std::string out;
  for (const std::string& line : lines) absl::StrAppend(&out, line, "\n");
  return out + table + last;
}

}  // namespace l2tp::ctl
