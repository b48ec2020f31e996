#include "server/config/document.h"

#include <yaml-cpp/eventhandler.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace l2tp::config {
namespace {

// The size of the character at the front of `text`; 0 if it is not UTF-8, or a control character.
size_t CharacterSize(absl::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return absl::ascii_iscntrl(first) && !absl::ascii_isspace(first) ? 0 : 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < size) return 0;
  uint32_t code = first & (0x7fu >> size);
  for (const char c : text.substr(1, size - 1)) {
    if ((static_cast<uint8_t>(c) & 0xc0) != 0x80) return 0;
    code = code << 6 | (static_cast<uint8_t>(c) & 0x3f);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return overlong || surrogate || code > 0x10ffff ? 0 : size;
}

// Goes through all of `text`; false: `mark` is where a character is bad.
bool CheckCharacters(absl::string_view text, YAML::Mark* mark) {
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    if (size == 0) return false;
    mark->column += static_cast<int>(size);  // in octets, as yaml-cpp counts
    if (text[0] == '\n') {
      ++mark->line;
      mark->column = 0;
    }
    text.remove_prefix(size);
  }
  return true;
}

// Whether the quoted text at the front of `text` ends. yaml-cpp lets it run to the end of the file.
bool IsClosed(absl::string_view text) {
  const char quote = text[0];
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      if (quote == '"' || text.substr(i + 1, 1) != "'") return true;
      ++i;  // '' is one '
    } else if (quote == '"' && text[i] == '\\') {
      ++i;
    }
  }
  return false;
}

// Looks at what yaml-cpp reads, while it reads, and stops it by its own exception at what we do not
// take; problem() is why.
class Checker : public YAML::EventHandler {
 public:
  explicit Checker(absl::string_view text) : text_(text) {}

  const char* problem() const { return problem_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) Refuse(mark, "there is more after the end of the document");
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Refuse(mark, kAnchor);
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, "", anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& /*value*/) override {
    Check(mark, tag, anchor);
    if ((At(mark) == '\'' || At(mark) == '"') &&
        !IsClosed(text_.substr(static_cast<size_t>(mark.pos)))) {
      Refuse(mark, "has no closing quote");
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Check(mark, tag, anchor);
    Enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Check(mark, tag, anchor);
    Enter(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  static constexpr char kAnchor[] =
      "anchors and aliases are not supported; quote text that starts with & or *";

  void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) Refuse(mark, kAnchor);
    // "?" and "!" are also yaml-cpp's own, for what has no tag: the latter for quoted text.
    const bool own = tag.empty() || tag == "?" || tag == "!";
    if (!own || At(mark) == '!') {
      Refuse(mark, "tags are not supported; quote text that starts with !");
    }
  }
  // The octet at `mark`; NUL at the end.
  char At(const YAML::Mark& mark) const {
    const auto at = static_cast<size_t>(mark.pos);
    return at < text_.size() ? text_[at] : '\0';
  }
  void Enter(const YAML::Mark& mark) {
    if (++depth_ > kMaxDepth) Refuse(mark, "is nested too deeply");
  }
  [[noreturn]] void Refuse(const YAML::Mark& mark, const char* problem) {
    problem_ = problem;
    throw YAML::ParserException(mark, problem);
  }

  const absl::string_view text_;
  int documents_ = 0;
  int depth_ = 0;
  // yaml-cpp's own messages may hold a part of the text, which may be a secret.
  const char* problem_ =
      "is not valid YAML; check indentation, quotes, brackets and the space after each colon";
};

}  // namespace

absl::Status ErrorAt(absl::string_view file, const YAML::Mark& mark, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", mark.line + 1, ":", mark.column + 1, ": ", problem));
}

absl::StatusOr<YAML::Node> ReadDocument(absl::string_view text, absl::string_view file) {
  if (text.size() > kMaxFileSize) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": is larger than 1 MiB"));
  }
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");  // byte order mark
  YAML::Mark mark;
  if (!CheckCharacters(text, &mark)) {
    return ErrorAt(file, mark, "is not UTF-8, or a control character");
  }
  Checker checker(text);
  // yaml-cpp tells what is wrong by exceptions; they end here.
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(checker)) {
    }
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    return ErrorAt(file, error.mark, checker.problem());
  }
}

}  // namespace l2tp::config
