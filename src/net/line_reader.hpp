// Reads the lines of a pipe on its home loop: one reading a turn of the loop, so that a writer that
// floods gives others theirs. Lives inside an object that a shared_ptr holds (`owner`): what waits
// keeps that alive. Callbacks may do anything but destroy the owner.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "net/descriptor.hpp"
#include "net/line_splitter.hpp"

namespace telltale::net {

// How long to leave a pipe alone so that the next reading finds several lines. Pure.
class ReadPace {
 public:
  // Where lines come fast enough, a reading is to find about `lines` of them; 0: no pauses.
  void aim_at(std::size_t lines) noexcept { aim_ = lines; }
  // After a reading that found so many lines. Zero: wait until there is something.
  base::Duration after(std::size_t lines, base::SteadyTime now) noexcept;

  // No line waits longer than this; where fewer than kWorthIt lines would come in it, none waits.
  static constexpr base::Duration kMost = std::chrono::microseconds(100);
  static constexpr double kWorthIt = 4;

 private:
  std::size_t aim_ = 0;
  base::SteadyTime last_{};
  double seconds_a_line_ = 0;  // of late
};

class LineReader {
 public:
  struct Options {
    std::size_t line_limit = 0;
    bool cut = false;  // LineSplitter
    std::size_t read_size = 64U << 10U;
    base::Duration pause_when_full{};  // slows a flood down through its pipe; nothing is lost
  };
  struct Events {
    std::function<void(std::string_view line)> line;
    std::function<void()> turn;                  // after the lines of one reading
    std::function<void(base::Error why)> ended;  // once: no more to read, or a line over the limit
  };
  LineReader(runtime::Loop& loop, int fd, Options options, Events events);

  void start(std::weak_ptr<void> owner);
  void gather(std::size_t lines) noexcept { pace_.aim_at(lines); }  // ReadPace
  // What is in the pipe by now, and then the end: nobody writes any more.
  void finish();

 private:
  enum class Read { some, nothing, end };
  Read read();
  void wait();
  void pause(base::Duration time);
  void next(Read result);
  void end(base::Error why);

  runtime::Loop& loop_;
  const Options options_;
  Events events_;
  std::weak_ptr<void> owner_;
  Descriptor pipe_;
  LineSplitter lines_;
  ReadPace pace_;
  std::size_t found_ = 0;  // lines of the last reading
  bool full_ = false;      // it took all that it could take
  bool ended_ = false;
};

}  // namespace telltale::net
