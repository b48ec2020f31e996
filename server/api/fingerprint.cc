#include "server/api/fingerprint.h"

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace l2tp::api {

std::string Fingerprint(const google::protobuf::Message& message) {
  std::string text = message.GetDescriptor()->full_name();
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // of maps
    // Appends, as the stream began at the end of the text.
    message.SerializeToCodedStream(&coded);
  }
  return absl::StrCat(text.size(), ":", absl::Hash<std::string>()(text));
}

}  // namespace l2tp::api
