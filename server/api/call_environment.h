// What every service needs besides the controller.

#ifndef L2TP_SERVER_API_CALL_ENVIRONMENT_H_
#define L2TP_SERVER_API_CALL_ENVIRONMENT_H_

#include "server/api/access.h"
#include "server/api/executor.h"
#include "server/api/request_ids.h"

namespace l2tp::api {

// Not owned: all must outlive the services.
struct CallEnvironment {
  Executor* executor = nullptr;
  Access* access = nullptr;
  RequestIds* request_ids = nullptr;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_CALL_ENVIRONMENT_H_
