// Control messages that no sane peer would send, and some that one would.

#ifndef L2TP_TESTS_FUZZ_MADE_UP_MESSAGE_H_
#define L2TP_TESTS_FUZZ_MADE_UP_MESSAGE_H_

#include "server/wire/message.h"
#include "tests/fuzz/script.h"

namespace l2tp::wire {

// From `script`: an octet for the type, one whose upper half says what is left out and whose lower
// half counts AVPs, then these AVPs, each an octet for its row of the AVP table and its value. What
// the message needs besides is added, unless it is to be left out.
Message MakeUpMessage(Script* script);

}  // namespace l2tp::wire

#endif  // L2TP_TESTS_FUZZ_MADE_UP_MESSAGE_H_
