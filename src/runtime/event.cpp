#include "runtime/event.hpp"

namespace telltale::runtime {

std::string_view severity_name(Severity severity) noexcept {
  switch (severity) {
    case Severity::debug:
      return "debug";
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
    case Severity::critical:
      return "critical";
  }
  return "info";
}

}  // namespace telltale::runtime
