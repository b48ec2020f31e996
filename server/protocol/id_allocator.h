// Unpredictable ids that are not used again for a while (RFC 2661 section 9.1).

#ifndef L2TP_SERVER_PROTOCOL_ID_ALLOCATOR_H_
#define L2TP_SERVER_PROTOCOL_ID_ALLOCATOR_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "server/base/random.h"
#include "server/base/time.h"

namespace l2tp::protocol {

// Hands out 16-bit ids from 1 to 65535. An id that was released rests for the quarantine: the
// kernel deletes its objects late, and stray messages of the old owner may still be on their way.
class IdAllocator {
 public:
  // `limit`: most ids in use or resting at a time, so that guessing a free one stays cheap.
  explicit IdAllocator(Duration quarantine, size_t limit = 60000)
      : quarantine_(quarantine), limit_(limit) {}

  // nullopt when `limit` ids are taken.
  std::optional<uint16_t> Allocate(Instant now, RandomSource* random);
  // An id that nobody has, without taking it.
  std::optional<uint16_t> Unused(Instant now, RandomSource* random);
  // `id` rests and is then free. Unknown ids are ignored.
  void Release(Instant now, uint16_t id);

  size_t taken() const { return taken_.size(); }

 private:
  void EndRests(Instant now);

  const Duration quarantine_;
  const size_t limit_;
  absl::flat_hash_set<uint16_t> taken_;
  std::deque<std::pair<Instant, uint16_t>> resting_;  // with the end of its rest; oldest first
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_ID_ALLOCATOR_H_
