#include "server/api/event_service.h"

#include <utility>
#include <vector>

#include "server/api/from_proto.h"

namespace l2tp::api {

grpc::ServerWriteReactor<v1::WatchResponse>* EventService::Watch(
    grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  auto stream = std::make_shared<WatchStream>(environment_, context,
                                              [this](WatchStream* done) { Remove(done); });
  absl::Status stopped;
  {
    std::lock_guard lock(mutex_);
    stopped = stopped_;
    streams_.emplace(stream.get(), stream);
  }
  if (stopped.ok()) {
    stream->Start(FromProto(*request));
  } else {
    stream->Stop(stopped);
  }
  return stream.get();
}

void EventService::Stop(const absl::Status& status) {
  std::vector<std::shared_ptr<WatchStream>> streams;
  {
    std::lock_guard lock(mutex_);
    stopped_ = status;
    for (const auto& [raw, stream] : streams_) streams.push_back(stream);
  }
  for (const auto& stream : streams) stream->Stop(status);
}

void EventService::Remove(WatchStream* stream) {
  std::shared_ptr<WatchStream> last;  // destroyed after the lock is released
  std::lock_guard lock(mutex_);
  auto it = streams_.find(stream);
  last = std::move(it->second);
  streams_.erase(it);
}

}  // namespace l2tp::api
