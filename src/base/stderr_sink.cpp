#include "base/stderr_sink.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace telltale::base {
namespace {

// poll(2) says writable when a pipe has room for PIPE_BUF bytes (pipe(7)); not for more.
constexpr std::size_t kPiece = 4096;

std::string_view colour_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::err:
    case spdlog::level::critical:
      return "\033[31m";
    case spdlog::level::warn:
      return "\033[33m";
    case spdlog::level::info:
      return "\033[32m";
    default:
      return "\033[36m";
  }
}

}  // namespace

StderrSink::StderrSink(int descriptor, std::atomic<std::uint64_t>& lost)
    : descriptor_(descriptor), colours_(::isatty(descriptor) == 1), lost_(lost) {}

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  std::string text = torn_ ? "\n" : "";
  if (untold_ > 0) text += fmt::format("({} log lines were lost here)\n", untold_);
  const std::string_view line(formatted.data(), formatted.size());
  if (colours_ && message.color_range_end > message.color_range_start) {
    text += line.substr(0, message.color_range_start);
    text += colour_of(message.level);
    text +=
        line.substr(message.color_range_start, message.color_range_end - message.color_range_start);
    text.append("\033[m").append(line.substr(message.color_range_end));
  } else {
    text += line;
  }
  if (put(text)) {
    untold_ = 0;
    torn_ = false;
  } else {
    ++untold_;
    lost_.fetch_add(1, std::memory_order_relaxed);
  }
}

bool StderrSink::put(std::string_view text) {
  for (bool begun = false; !text.empty();) {
    pollfd wanted{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const bool room = ::poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLOUT) != 0;
    const auto taken = room ? ::write(descriptor_, text.data(), std::min(text.size(), kPiece)) : -1;
    if (room && taken < 0 && errno == EINTR) continue;
    if (taken <= 0) {
      torn_ = torn_ || begun;
      return false;
    }
    begun = true;
    text.remove_prefix(static_cast<std::size_t>(taken));
  }
  return true;
}

void hold_standard_streams() noexcept {
  // open() gives the lowest free number, so each closed one is filled in turn.
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
      if (::open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY) != descriptor)
        return;
}

}  // namespace telltale::base
