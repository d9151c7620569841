// CHECK(condition): an invariant of our own code, on in every build. It aborts with its place and
// must never depend on outside input; bad input is an Error (error.hpp).
#pragma once

namespace telltale::base {

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace telltale::base

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::telltale::base::check_failed(#condition, __FILE__, __LINE__))
