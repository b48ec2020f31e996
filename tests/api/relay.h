// A wire between a client and a daemon that can be cut.

#ifndef L2TP_TESTS_API_RELAY_H_
#define L2TP_TESTS_API_RELAY_H_

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace l2tp::api {

// Listens on a Unix socket and carries what comes to another one, and back.
class Relay {
 public:
  // `target` is an address of the API, "unix:PATH".
  explicit Relay(const std::string& target);
  ~Relay();

  std::string address() const { return "unix:" + path_; }
  // Breaks all connections. Those that come later are carried again.
  void Cut();
  // Connections so far.
  int count() const { return count_; }

 private:
  void Accept();
  void Carry(int from, int to);

  const std::string target_;
  std::string folder_;
  std::string path_;
  int listener_ = -1;
  std::atomic<int> count_ = 0;
  std::mutex mutex_;
  std::vector<int> descriptors_;       // guarded by mutex_; closed by the destructor only
  std::vector<std::thread> carriers_;  // likewise
  std::thread acceptor_;
};

}  // namespace l2tp::api

#endif  // L2TP_TESTS_API_RELAY_H_
