// Logging of our own program (not of the servers we watch): spdlog behind two calls. Any thread.
// Text or JSON lines on stderr, and a rotated file when a directory is given. A full disk or closed
// stderr, or one that nobody reads, costs lines, which are counted, and nobody waits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"

namespace telltale::base {

enum class LogLevel { debug, info, warning, error, off };

struct LogSettings {
  LogLevel level = LogLevel::info;
  bool json = false;
  std::string directory = {};  // telltale.log, rotated at 16 MiB, 5 kept
};

Result<void> start_logging(const LogSettings& settings);
// Lines that could not be written, since the start.
struct LogLosses {
  std::uint64_t standard_error = 0;
  std::uint64_t file = 0;
};
LogLosses log_losses() noexcept;
Result<LogLevel> parse_log_level(std::string_view name);
bool log_enabled(LogLevel level) noexcept;
void write_log(LogLevel level, std::string_view component, std::string_view message) noexcept;

template <class... Args>
void log(LogLevel level, std::string_view component, fmt::format_string<Args...> format,
         Args&&... args) {
  if (log_enabled(level))
    write_log(level, component, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace telltale::base
