// The test vectors of tests/data/l2tp-test-vectors.json, or of the file named by the environment
// variable L2TP_TEST_VECTORS: a JSON list of objects, each with an "id" and a "kind". For tests.

#ifndef L2TP_SERVER_WIRE_TEST_VECTORS_H_
#define L2TP_SERVER_WIRE_TEST_VECTORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"

namespace l2tp {

// The secret that hides AVPs in the vectors.
inline constexpr absl::string_view kVectorSecret = "l2tp-lab-secret";

class TestVector {
 public:
  TestVector(std::map<std::string, std::string> fields,
             std::map<std::string, std::vector<int64_t>> lists)
      : fields_(std::move(fields)), lists_(std::move(lists)) {}

  const std::string& id() const { return Text("id"); }
  const std::string& kind() const { return Text("kind"); }

  // A field; the program ends with a message when the vector has none of that name and form.
  const std::string& Text(const std::string& field) const;
  int64_t Number(const std::string& field) const;
  const std::vector<int64_t>& Numbers(const std::string& field) const;  // a list
  // A field of hex digits, in a buffer of exactly its size so that a sanitizer sees any over-read.
  Bytes Hex(const std::string& field) const;

 private:
  std::map<std::string, std::string> fields_;
  std::map<std::string, std::vector<int64_t>> lists_;
};

// True when the file is ours, of which tests may expect certain ids and kinds.
bool IsOwnVectorFile();

// Every vector of the file, in its order. Ends the program when the file cannot be read.
const std::vector<TestVector>& AllTestVectors();

// Those of one kind.
std::vector<TestVector> TestVectorsOfKind(absl::string_view kind);

}  // namespace l2tp

#endif  // L2TP_SERVER_WIRE_TEST_VECTORS_H_
