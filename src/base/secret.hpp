// Secret: a value that must not be shown. Printing, formatting and turning it into JSON give
// "••••"; whoever needs the value writes reveal() and can be found by that word. Its memory is
// wiped at the end. A plain value; copies are wiped each on its own.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json.hpp"

namespace telltale::base {

void wipe(std::string& text) noexcept;  // its whole capacity

class Secret {
 public:
  static constexpr std::string_view kShown = "••••";

  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) { wipe(value); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe(value_);
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(value_);
      value_ = std::move(other.value_);
      wipe(other.value_);
    }
    return *this;
  }
  ~Secret() { wipe(value_); }

  std::string_view reveal() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }

 private:
  std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << Secret::kShown;
}
inline void tag_invoke(const boost::json::value_from_tag&, Json& out, const Secret&) {
  out = Secret::kShown;
}

}  // namespace telltale::base

template <>
struct fmt::formatter<telltale::base::Secret> : fmt::formatter<std::string_view> {
  auto format(const telltale::base::Secret&, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(telltale::base::Secret::kShown, context);
  }
};
