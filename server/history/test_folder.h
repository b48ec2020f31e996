// A folder for a test, and records to put there.

#ifndef L2TP_SERVER_HISTORY_TEST_FOLDER_H_
#define L2TP_SERVER_HISTORY_TEST_FOLDER_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/history/segment.h"

namespace l2tp::history {

// Removed with all that is in it.
class TestFolder {
 public:
  TestFolder() {
    // In memory where there is such a place: segments are synchronized to the disk.
    for (std::string path : {"/dev/shm/l2tp-history-XXXXXX", "/tmp/l2tp-history-XXXXXX"}) {
      if (::mkdtemp(path.data()) == nullptr) continue;
      path_ = path;
      return;
    }
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  // The store makes it.
  std::string events() const { return path_ + "/events"; }

  // Paths of what is there, in alphabetical order.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(events())) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

 private:
  std::string path_;
};

// With revision, time and type the same number.
inline Record MakeRecord(int64_t revision, const std::string& name = "tunnels/a") {
  return {.revision = revision,
          .time = {revision},
          .type = static_cast<uint32_t>(revision),
          .name = name,
          .labels = {},
          .labels_before = {},
          .event = absl::StrCat("event ", revision)};
}

}  // namespace l2tp::history

#endif  // L2TP_SERVER_HISTORY_TEST_FOLDER_H_
