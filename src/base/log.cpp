#include "base/log.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>

#include <boost/json.hpp>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/stderr_sink.hpp"

namespace telltale::base {
namespace {

std::atomic<LogLevel> level_now{LogLevel::info};
std::atomic<bool> as_json{false};
std::once_flag started;  // by start_logging(), else by the first line: spdlog's own way is stdout
std::atomic<std::uint64_t> stderr_lost{0};
std::atomic<std::uint64_t> file_lost{0};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::string_view level_name(LogLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warning", "error", "off"};
  return kNames[static_cast<std::size_t>(level)];
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  for (auto level :
       {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error, LogLevel::off})
    if (lower == level_name(level)) return level;
  if (lower == "warn") return LogLevel::warning;
  return fail(Code::invalid_argument, "log level must be debug, info, warning, error or off");
}

namespace {

Result<void> begin_logging(const LogSettings& settings) {
  std::vector<spdlog::sink_ptr> sinks{std::make_shared<StderrSink>(2, stderr_lost)};
  if (!settings.directory.empty()) {
    std::error_code error;
    std::filesystem::create_directories(settings.directory, error);
    if (error)
      return fail(Code::storage, "--log-dir: cannot create the directory: " + error.message());
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          settings.directory + "/telltale.log", 16U << 20U, 5));
    } catch (const spdlog::spdlog_ex& failure) {
      return fail(Code::storage,
                  std::string("--log-dir: cannot open telltale.log: ") + failure.what());
    }
  }
  auto logger = std::make_shared<spdlog::logger>("telltale", sinks.begin(), sinks.end());
  logger->set_level(to_spdlog(settings.level));
  logger->set_pattern(settings.json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %^%-7l%$ %v");
  logger->flush_on(spdlog::level::info);
  // A full disk must not become an endless log.
  logger->set_error_handler(
      [](const std::string&) { file_lost.fetch_add(1, std::memory_order_relaxed); });
  spdlog::set_default_logger(std::move(logger));
  level_now = settings.level;
  as_json = settings.json;
  return {};
}

}  // namespace

Result<void> start_logging(const LogSettings& settings) {
  std::call_once(started, [] {});
  return begin_logging(settings);
}

LogLosses log_losses() noexcept {
  return {stderr_lost.load(std::memory_order_relaxed), file_lost.load(std::memory_order_relaxed)};
}

bool log_enabled(LogLevel level) noexcept {
  return level >= level_now.load(std::memory_order_relaxed);
}

void write_log(LogLevel level, std::string_view component, std::string_view message) noexcept {
  try {
    std::call_once(started, [] { (void)begin_logging({}); });
    if (as_json.load(std::memory_order_relaxed)) {
      const boost::json::object line{{"time", format_rfc3339(SystemClock().wall())},
                                     {"level", level_name(level)},
                                     {"component", component},
                                     {"message", to_utf8(message)}};
      spdlog::log(to_spdlog(level), "{}", boost::json::serialize(line));
    } else {
      spdlog::log(to_spdlog(level), "{}: {}", component, message);
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "log line lost: %s\n", failure.what());
  }
}

}  // namespace telltale::base
