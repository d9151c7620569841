#include "media/ffmpeg.hpp"

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"

namespace telltale::media {

namespace {

constexpr int kLinesPerSecond = 5;
constexpr int kLineMax = 400;

// A damaged file can make FFmpeg complain about each packet: a few a second are enough to see it.
bool may_log() {
  static std::atomic<std::int64_t> second{0};
  static std::atomic<int> lines{0};
  const std::int64_t now = base::SystemClock().now().time_since_epoch() / std::chrono::seconds(1);
  if (second.exchange(now) != now) lines = 0;
  return lines.fetch_add(1) < kLinesPerSecond;
}

__attribute__((format(printf, 3, 0))) void write_line(void* subject, int level, const char* format,
                                                      va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  const auto ours = level <= AV_LOG_FATAL ? base::LogLevel::warning : base::LogLevel::debug;
  if (!base::log_enabled(ours) || !may_log()) return;
  std::array<char, kLineMax> line{};
  int prefix = 1;
  av_log_format_line2(subject, level, format, arguments, line.data(), kLineMax, &prefix);
  std::string text(line.data());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  base::write_log(ours, "media", text);
}

}  // namespace

std::string av_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  return av_strerror(code, text.data(), text.size()) < 0 ? "error " + std::to_string(code)
                                                         : std::string(text.data());
}

std::unexpected<base::Error> av_fail(base::Code code, std::string_view what, int av_code) {
  return base::fail(code, std::string(what) + ": " + av_text(av_code));
}

base::Result<void> load_ffmpeg() {
  static base::Guarded<bool> loaded;
  return loaded.with([](bool& done) -> base::Result<void> {
    if (done) return {};
    if (auto functions = load_ffmpeg_functions(); !functions) return functions;
    av_log_set_callback(write_line);
    done = true;
    return {};
  });
}

}  // namespace telltale::media
