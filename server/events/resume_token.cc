#include "server/events/resume_token.h"

#include "absl/strings/escaping.h"
#include "server/base/bytes.h"

namespace l2tp::events {
namespace {

// Version of the token's layout, and filler that makes the text free of padding.
constexpr uint16_t kLayout = 0x4c01;

}  // namespace

std::string EncodeResumeToken(const ResumePoint& point) {
  ByteWriter out;
  out.WriteU16(kLayout);
  out.WriteU64(point.epoch);
  out.WriteU64(static_cast<uint64_t>(point.revision));
  return absl::WebSafeBase64Escape(AsText(out.bytes()));
}

std::optional<ResumePoint> DecodeResumeToken(absl::string_view token) {
  std::string raw;
  if (!absl::WebSafeBase64Unescape(token, &raw)) return std::nullopt;
  ByteReader in(AsBytes(raw));
  const auto layout = in.ReadU16();
  const auto epoch = in.ReadU64();
  const auto revision = in.ReadU64();
  if (!revision.has_value() || !in.empty() || layout != kLayout) return std::nullopt;
  if (*revision > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
  // Only one spelling is right: base64 readers put up with line breaks and stray bits.
  const ResumePoint point{*epoch, static_cast<int64_t>(*revision)};
  if (EncodeResumeToken(point) != token) return std::nullopt;
  return point;
}

}  // namespace l2tp::events
