// A control::AuthenticatorPort without servers: the test decides.

#ifndef L2TP_TESTS_SUPPORT_FAKE_AUTHENTICATOR_H_
#define L2TP_TESTS_SUPPORT_FAKE_AUTHENTICATOR_H_

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "server/control/ports.h"

namespace l2tp::testing {

// Nothing is answered from inside Authorize(): a request waits for Answer().
class FakeAuthenticator final : public control::AuthenticatorPort {
 public:
  struct Asked {
    std::string server;
    control::AuthorizationRequest request;
  };

  void Authorize(const std::string& server, const control::AuthorizationRequest& request,
                 control::Completion<control::Authorization> done) override {
    asked_.push_back({server, request});
    waiting_.push_back(std::move(done));
  }
  void Account(const std::string& /*server*/, const control::AccountingRecord& record) override {
    records_.push_back(record);
  }

  // The oldest request that waits gets its answer. There must be one.
  void Answer(absl::StatusOr<control::Authorization> authorization) {
    control::Completion<control::Authorization> done = std::move(waiting_.front());
    waiting_.pop_front();
    done(std::move(authorization));
  }
  size_t waiting() const { return waiting_.size(); }

  // Everything so far, oldest first.
  const std::vector<Asked>& asked() const { return asked_; }
  const std::vector<control::AccountingRecord>& records() const { return records_; }

 private:
  std::vector<Asked> asked_;
  std::deque<control::Completion<control::Authorization>> waiting_;
  std::vector<control::AccountingRecord> records_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_FAKE_AUTHENTICATOR_H_
