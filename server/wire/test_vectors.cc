#include "server/wire/test_vectors.h"

#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace l2tp {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "test vectors: %s\n", what.c_str());
  std::abort();
}

constexpr char kVariable[] = "L2TP_TEST_VECTORS";
constexpr char kOwnFile[] =
    "tests/data/l2tp-test-vectors.json";  // tests run at the top of the tree

std::string FileName() {
  const char* const file = std::getenv(kVariable);
  return file == nullptr ? kOwnFile : file;
}

// JSON is YAML, so the reader of the configuration file serves here too.
std::vector<TestVector> ReadVectors(const std::string& file) try {
  std::vector<TestVector> vectors;
  for (const YAML::Node& object : YAML::LoadFile(file)) {
    std::map<std::string, std::string> fields;
    std::map<std::string, std::vector<int64_t>> lists;
    for (const auto& field : object) {
      const auto name = field.first.as<std::string>();
      if (field.second.IsSequence()) {
        lists[name] = field.second.as<std::vector<int64_t>>();
      } else if (field.second.IsScalar()) {
        fields[name] = field.second.as<std::string>();
      }
    }
    vectors.emplace_back(std::move(fields), std::move(lists));
  }
  if (vectors.empty()) Fail(file + " has none");
  return vectors;
} catch (const YAML::Exception& error) {
  Fail(file + ": " + error.what());
}

}  // namespace

const std::string& TestVector::Text(const std::string& field) const {
  const auto found = fields_.find(field);
  if (found == fields_.end()) Fail("a vector has no field " + field);
  return found->second;
}

int64_t TestVector::Number(const std::string& field) const { return std::stoll(Text(field)); }

const std::vector<int64_t>& TestVector::Numbers(const std::string& field) const {
  const auto found = lists_.find(field);
  if (found == lists_.end()) Fail(id() + " has no list " + field);
  return found->second;
}

Bytes TestVector::Hex(const std::string& field) const {
  const std::optional<Bytes> bytes = FromHex(Text(field));
  if (!bytes) Fail(id() + ": field " + field + " is not hex");
  return Bytes(bytes->begin(), bytes->end());
}

bool IsOwnVectorFile() { return std::getenv(kVariable) == nullptr; }

const std::vector<TestVector>& AllTestVectors() {
  static const auto* const kVectors = new std::vector<TestVector>(ReadVectors(FileName()));
  return *kVectors;
}

std::vector<TestVector> TestVectorsOfKind(absl::string_view kind) {
  std::vector<TestVector> chosen;
  for (const TestVector& vector : AllTestVectors()) {
    if (vector.kind() == kind) chosen.push_back(vector);
  }
  return chosen;
}

}  // namespace l2tp
