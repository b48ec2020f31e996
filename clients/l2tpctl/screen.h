// A terminal that one program has to itself.

#ifndef L2TP_CLIENTS_L2TPCTL_SCREEN_H_
#define L2TP_CLIENTS_L2TPCTL_SCREEN_H_

#include <termios.h>

#include <chrono>
#include <ostream>
#include <string>

namespace l2tp::ctl {

// Takes the terminal of the process over: another page, no cursor, keys at once and unseen. Gives
// it back as it was, also when a signal asks the process to end. One at a time.
class Screen {
 public:
  explicit Screen(std::ostream& out);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // In place of what was shown before; lines end with "\n".
  void Show(const std::string& text);

  // What a key or a signal asks for.
  enum class Input { kNothing, kKey, kResize, kEnd };
  // Waits so long at most. Ctrl-C and signals to end are kEnd.
  Input Wait(std::chrono::milliseconds timeout, char* key) const;

 private:
  std::ostream& out_;
  bool has_keys_ = false;  // standard input is a terminal
  termios before_{};
};

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_SCREEN_H_
