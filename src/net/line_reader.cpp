#include "net/line_reader.hpp"

#include <algorithm>
#include <span>

#include <unistd.h>

#include "base/duration.hpp"

namespace telltale::net {
namespace {

constexpr std::size_t kScratch = 64U << 10U;
constexpr base::Duration kPauseMin = std::chrono::microseconds(10);  // a timer costs about that

std::span<char> scratch(std::size_t size) {
  thread_local const auto kBytes = std::make_unique<char[]>(kScratch);
  return std::span<char>(kBytes.get(), kScratch).first(std::min(size, kScratch));
}

}  // namespace

base::Duration ReadPace::after(std::size_t lines, base::SteadyTime now) noexcept {
  const auto took = base::to_seconds(now - std::exchange(last_, now));
  if (lines == 0 || aim_ == 0) return {};
  const auto each = took / static_cast<double>(lines);
  seconds_a_line_ = seconds_a_line_ == 0 ? each : 0.75 * seconds_a_line_ + 0.25 * each;
  if (seconds_a_line_ * kWorthIt > base::to_seconds(kMost)) return {};
  const auto pause =
      std::min(base::from_seconds(seconds_a_line_ * static_cast<double>(aim_)), kMost);
  return pause < kPauseMin ? base::Duration{} : pause;
}

LineReader::LineReader(runtime::Loop& loop, int fd, Options options, Events events)
    : loop_(loop),
      options_(options),
      events_(std::move(events)),
      pipe_(loop, fd),
      lines_(options.line_limit, options.cut) {}

void LineReader::start(std::weak_ptr<void> owner) {
  owner_ = std::move(owner);
  wait();
}

void LineReader::finish() {
  while (!ended_ && read() == Read::some) {
  }
  end({.code = base::Code::unavailable, .detail = "stdout closed"});
}

LineReader::Read LineReader::read() {
  const auto into = scratch(options_.read_size);
  const auto got = ::read(pipe_.fd(), into.data(), into.size());
  found_ = 0;
  full_ = got == static_cast<ssize_t>(into.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Read::nothing;
  const auto on_line = [this](std::string_view line) {
    ++found_;
    if (events_.line) events_.line(line);
  };
  bool fits = true;
  if (got <= 0)
    lines_.finish(on_line);
  else
    fits = lines_.feed({into.data(), static_cast<std::size_t>(got)}, on_line);
  if (events_.turn) events_.turn();
  if (got > 0 && fits) return Read::some;
  end(fits ? base::Error{.code = base::Code::unavailable, .detail = "stdout closed"}
           : base::Error{.code = base::Code::too_large,
                         .detail = "a line on stdout is over the limit"});
  return Read::end;
}

void LineReader::wait() {
  pipe_.async_wait(Ready::read, [this, owner = owner_.lock()](bool aborted) {
    if (!aborted && !ended_) next(read());
  });
}

void LineReader::pause(base::Duration time) {
  loop_.schedule_at(loop_.clock().now() + time, [this, owner = owner_.lock()] {
    if (!ended_) next(read());
  });
}

void LineReader::next(Read result) {
  if (result == Read::end) return;
  if (full_ && options_.pause_when_full > base::Duration::zero())
    return pause(options_.pause_when_full);
  const auto time = pace_.after(found_, loop_.clock().now());
  if (time == base::Duration::zero()) return wait();
  pipe_.rest();  // else every write of the other side would wake the loop
  pause(time);
}

void LineReader::end(base::Error why) {
  if (std::exchange(ended_, true)) return;
  pipe_.close();
  if (events_.ended) events_.ended(std::move(why));
}

}  // namespace telltale::net
