// l2tpctl capture

#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/pcap.h"
#include "l2tp/v1/capture.grpc.pb.h"

namespace l2tp::ctl {
namespace {

struct CaptureOptions {
  std::string name;
  std::string remote;
  std::string file;
  int64_t count = 0;
};

// "2026-01-31T12:00:00.123Z > 192.0.2.1:1701 7/0 Ns 1 Nr 1 HELLO"
std::string Line(const v1::CapturedMessage& message) {
  const bool sent = message.direction() == v1::CapturedMessage::DIRECTION_SENT;
  return absl::StrCat(FormatTime(message.time()), sent ? " > " : " < ",
                      FormatEndpoint(message.remote().ip_address(), message.remote().port()), " ",
                      Printable(message.description()));
}

// Where what is captured goes: a pcap file or stream, or text.
class Sink {
 public:
  Sink(Context* context, std::string file) : context_(context), name_(std::move(file)) {}

  absl::Status Open() {
    if (name_.empty()) return absl::OkStatus();
    if (name_ != "-") {
      file_.open(name_, std::ios::binary | std::ios::trunc);
      if (!file_) return absl::InvalidArgumentError(absl::StrCat(name_, " cannot be written"));
    }
    return Put(PcapFileHeader());
  }

  absl::Status Write(const v1::CaptureResponse& response) {
    const v1::CapturedMessage& message = response.message();
    if (!name_.empty()) return Put(PcapRecord(message));
    return Put(IsForPrograms(context_->output) ? EncodeItem(response, context_->output)
                                               : Line(message) + "\n");
  }

 private:
  // Flushed each time: somebody may be waiting behind a pipe, or may end us at any moment.
  absl::Status Put(const std::string& text) {
    std::ostream& out = file_.is_open() ? file_ : context_->out;
    if (out << text << std::flush) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(file_.is_open() ? name_ : "standard output", " cannot be written"));
  }

  Context* const context_;
  const std::string name_;
  std::ofstream file_;
};

int Capture(Context* context, const CaptureOptions& options) {
  v1::CaptureRequest request;
  if (!options.name.empty()) request.set_name(FullName("tunnels", options.name));
  request.set_remote_ip_address(options.remote);
  Sink sink(context, options.file);
  if (const absl::Status status = sink.Open(); !status.ok()) return context->FailUsage(status);

  grpc::ClientContext call;
  if (context->timeout > 0) call.set_deadline(context->Deadline(0));
  v1::CaptureService::Stub stub(context->channel());
  const auto stream = stub.Capture(&call, request);
  v1::CaptureResponse response;
  int64_t count = 0;
  while (stream->Read(&response)) {
    if (!response.has_message()) {
      context->err << "l2tpctl: capturing; end with Ctrl-C" << std::endl;
      continue;
    }
    if (response.dropped_count() > 0) {
      context->err << "l2tpctl: " << response.dropped_count()
                   << " messages were left out here: this reader was too slow\n";
    }
    if (const absl::Status status = sink.Write(response); !status.ok()) {
      call.TryCancel();
      return context->FailUsage(status);
    }
    if (++count == options.count) {
      call.TryCancel();
      return kOk;
    }
  }
  return context->Fail(stream->Finish());
}

}  // namespace

void AddCaptureCommand(CLI::App* app, Context* context, Command* chosen) {
  auto options = std::make_shared<CaptureOptions>();
  CLI::App* capture = app->add_subcommand(
      "capture", "Print control messages as they come (<) and go (>), or write them to a file");
  capture->add_option("--name", options->name,
                      "Only those of this TUNNEL, which need not exist yet");
  capture->add_option("--remote", options->remote, "Only those from and to this ADDRESS");
  capture->add_option("-w,--write", options->file,
                      "Write a pcap FILE for tcpdump, tshark or Wireshark; - is standard output");
  capture->add_option("--count", options->count, "End after so many messages");
  capture->callback([=] { *chosen = [=] { return Capture(context, *options); }; });
}

}  // namespace l2tp::ctl
