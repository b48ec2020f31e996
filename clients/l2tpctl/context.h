// What all commands share: the global options, the connection, and the way errors are told.

#ifndef L2TP_CLIENTS_L2TPCTL_CONTEXT_H_
#define L2TP_CLIENTS_L2TPCTL_CONTEXT_H_

#include <chrono>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/channel.h"
#include "clients/l2tpctl/output.h"
#include "clients/l2tpctl/table.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace l2tp::ctl {

// Documented in --help; scripts rely on them.
enum ExitCode {
  kOk = 0,
  kFailed = 1,       // the daemon refused
  kUsage = 2,        // the command line is wrong
  kNotFound = 3,     // there is no such resource
  kUnreachable = 4,  // nobody answers at the address
  kTimedOut = 5,
  kClosed = 6,  // what was waited for closed instead of coming up
};

// What the command line asked for, to be run once it has been read.
using Command = std::function<int()>;

class Context {
 public:
  Context(std::ostream& the_out, std::ostream& the_err, std::istream& the_in)
      : out(the_out), err(the_err), in(the_in) {}

  std::string server = client::kDefaultAddress;
  client::Tls tls_files;
  Output output = Output::kTable;
  bool live = false;    // standard output is a terminal
  Layout layout;        // of standard output
  Layout error_layout;  // of standard error
  double timeout = 0;   // seconds; 0: what suits the command
  std::ostream& out;
  std::ostream& err;
  std::istream& in;

  using TimePoint = std::chrono::system_clock::time_point;

  std::shared_ptr<grpc::Channel> channel();
  // Now and --timeout, or `seconds` without it.
  TimePoint Deadline(double seconds) const;

  // Makes one unary call: Call(&v1::TunnelService::Stub::GetTunnel, request, &response).
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response, double seconds = 10) {
    grpc::ClientContext call;
    call.set_deadline(Deadline(seconds));
    Stub stub(channel());
    return (stub.*method)(&call, request, response);
  }

  // Tells an error, and gives the exit code that belongs to it.
  int Fail(const grpc::Status& status);
  // A mistake on the command line or in a file.
  int FailUsage(const absl::Status& status);

  // One resource: as JSON or YAML if that was asked for, or `text`.
  void Print(const google::protobuf::Message& message, const std::string& text);
  void Print(const google::protobuf::Message& message, const Page& page);
  void Print(const Table& table) { out << table.Render(layout); }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_CONTEXT_H_
