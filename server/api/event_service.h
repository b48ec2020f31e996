// Events over gRPC.

#ifndef L2TP_SERVER_API_EVENT_SERVICE_H_
#define L2TP_SERVER_API_EVENT_SERVICE_H_

#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "server/api/watch_stream.h"

namespace l2tp::api {

// Owns the streams of all Watch calls, each for as long as gRPC uses it.
class EventService final : public v1::EventService::CallbackService {
 public:
  explicit EventService(const WatchStream::Environment& environment) : environment_(environment) {}

  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override;

  // Ends all streams with `status`, also those that are asked for later. Any thread.
  void Stop(const absl::Status& status);

 private:
  void Remove(WatchStream* stream);

  const WatchStream::Environment environment_;
  std::mutex mutex_;
  absl::Status stopped_;                                                     // guarded by mutex_
  absl::flat_hash_map<WatchStream*, std::shared_ptr<WatchStream>> streams_;  // guarded by mutex_
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_EVENT_SERVICE_H_
