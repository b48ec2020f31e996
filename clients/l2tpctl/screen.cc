#include "clients/l2tpctl/screen.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "absl/strings/str_replace.h"

namespace l2tp::ctl {
namespace {

constexpr char kCtrlC = 3;
constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

// Handlers have nothing else to find it by: signals come through here to Wait().
int signal_pipe[2] = {-1, -1};

void OnSignal(int number) {
  const int saved = errno;
  const char octet = number == SIGWINCH ? 'w' : 'e';
  [[maybe_unused]] const ssize_t written = ::write(signal_pipe[1], &octet, 1);
  errno = saved;
}

}  // namespace

Screen::Screen(std::ostream& out) : out_(out) {
  if (::pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == 0) {
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    for (const int number : kSignals) ::sigaction(number, &action, nullptr);
  }
  has_keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (has_keys_) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  out_ << "\x1b[?1049h\x1b[?25l" << std::flush;
}

Screen::~Screen() {
  out_ << "\x1b[?25h\x1b[?1049l" << std::flush;
  if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  for (const int number : kSignals) std::signal(number, SIG_DFL);
  ::close(signal_pipe[0]);
  ::close(signal_pipe[1]);
}

void Screen::Show(const std::string& text) {
  // Each line is written over, and what is left of it erased, so that nothing flickers. No line
  // break behind the last line: it would scroll a full page.
  std::string frame = text;
  if (!frame.empty() && frame.back() == '\n') frame.pop_back();
  out_ << "\x1b[H" << absl::StrReplaceAll(frame, {{"\n", "\x1b[K\n"}}) << "\x1b[K\x1b[J"
       << std::flush;
}

Screen::Input Screen::Wait(std::chrono::milliseconds timeout, char* key) const {
  pollfd polled[2] = {{signal_pipe[0], POLLIN, 0}, {has_keys_ ? STDIN_FILENO : -1, POLLIN, 0}};
  const int ready = ::poll(polled, 2, static_cast<int>(timeout.count()));
  char octet = 0;
  if (::read(signal_pipe[0], &octet, 1) == 1) {
    return octet == 'w' ? Input::kResize : Input::kEnd;
  }
  if (ready <= 0 || polled[1].revents == 0) return Input::kNothing;
  if (::read(STDIN_FILENO, &octet, 1) != 1 || octet == kCtrlC) return Input::kEnd;
  *key = octet;
  return Input::kKey;
}

}  // namespace l2tp::ctl
