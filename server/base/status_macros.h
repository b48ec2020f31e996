// Early return on a failed absl::Status or absl::StatusOr.

#ifndef L2TP_SERVER_BASE_STATUS_MACROS_H_
#define L2TP_SERVER_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr` is a failed absl::Status.
#define L2TP_RETURN_IF_ERROR(expr)                              \
  do {                                                          \
    if (absl::Status l2tp_status = (expr); !l2tp_status.ok()) { \
      return l2tp_status;                                       \
    }                                                           \
  } while (false)

#define L2TP_STATUS_CONCAT_INNER(a, b) a##b
#define L2TP_STATUS_CONCAT(a, b) L2TP_STATUS_CONCAT_INNER(a, b)

// `L2TP_ASSIGN_OR_RETURN(auto value, F());` declares `value` or returns F()'s error.
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
#define L2TP_ASSIGN_OR_RETURN(lhs, expr) \
  L2TP_ASSIGN_OR_RETURN_IMPL(L2TP_STATUS_CONCAT(l2tp_status_or_, __LINE__), lhs, expr)
#define L2TP_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                               \
  if (!tmp.ok()) {                                 \
    return std::move(tmp).status();                \
  }                                                \
  lhs = *std::move(tmp)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // L2TP_SERVER_BASE_STATUS_MACROS_H_
