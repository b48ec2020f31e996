// Whether two requests ask for the same.

#ifndef L2TP_SERVER_API_FINGERPRINT_H_
#define L2TP_SERVER_API_FINGERPRINT_H_

#include <string>

#include "google/protobuf/message.h"

namespace l2tp::api {

// The same for messages of one type with the same fields, whatever the order of their maps;
// printable. The message cannot be read back from it, and it means something to this process only.
std::string Fingerprint(const google::protobuf::Message& message);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_FINGERPRINT_H_
