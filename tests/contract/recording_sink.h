// A control::DatagramSink that keeps what arrives.

#ifndef L2TP_TESTS_CONTRACT_RECORDING_SINK_H_
#define L2TP_TESTS_CONTRACT_RECORDING_SINK_H_

#include <functional>
#include <string>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/control/ports.h"

namespace l2tp::testing {

class RecordingSink final : public control::DatagramSink {
 public:
  struct Received {
    Path path;
    std::string data;
  };
  void OnDatagram(const Path& path, ByteSpan datagram) override {
    received.push_back({path, AsText(datagram)});
    if (on_datagram) on_datagram(received.back());
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const Received& datagram : received) texts.push_back(datagram.data);
    return texts;
  }

  std::vector<Received> received;
  std::function<void(const Received&)> on_datagram;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_CONTRACT_RECORDING_SINK_H_
