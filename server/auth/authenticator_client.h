// Asks operators' own servers about logins, over gRPC (l2tp.auth.v1), as
// control::AuthenticatorPort.

#ifndef L2TP_SERVER_AUTH_AUTHENTICATOR_CLIENT_H_
#define L2TP_SERVER_AUTH_AUTHENTICATOR_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "server/control/ports.h"

namespace l2tp::auth {

// Calls come from the loop thread; completions go there through `post`. What gRPC's threads do in
// between is to convert.
class AuthenticatorClient final : public control::AuthenticatorPort {
 public:
  // Runs its argument on the loop thread. May be called from any thread.
  using Post = std::function<void(absl::AnyInvocable<void()>)>;

  // At most so many calls at a time, over all servers; what is more is refused: a server that hangs
  // must not gather logins without end.
  explicit AuthenticatorClient(Post post, int max_calls = 1024);
  // Lets the last records go out, for 2 s at most, cancels all else and waits for gRPC to be
  // through with it. No completion is called any more.
  ~AuthenticatorClient() override;

  void Authorize(const std::string& server, const control::AuthorizationRequest& request,
                 control::Completion<control::Authorization> done) override;
  void Account(const std::string& server, const control::AccountingRecord& record) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace l2tp::auth

#endif  // L2TP_SERVER_AUTH_AUTHENTICATOR_CLIENT_H_
