// Writes lines to a pipe on its home loop, in order and bounded: at once while the pipe takes them,
// else as it can. What is queued between hold() and release() goes out in one write. `owner` as in
// line_reader.hpp.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "net/descriptor.hpp"

namespace telltale::net {

class LineWriter {
 public:
  LineWriter(runtime::Loop& loop, int fd, std::size_t limit) : pipe_(loop, fd), limit_(limit) {}
  void start(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  bool is_open() noexcept { return pipe_.is_open() && !closing_; }
  // The newline is added. rate_limited: that much is queued already.
  base::Result<void> write(std::string line);
  void hold() noexcept { held_ = true; }
  void release();
  // No line is taken any more; those queued are written before, or thrown away.
  void close(bool after_queue);

 private:
  void write_some();
  void write_later();
  void take_off(std::size_t bytes);

  Descriptor pipe_;
  const std::size_t limit_;
  std::weak_ptr<void> owner_;
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;   // bytes
  std::size_t written_ = 0;  // of the front
  bool held_ = false;
  bool waits_ = false;  // until the pipe takes more
  bool closing_ = false;
};

}  // namespace telltale::net
