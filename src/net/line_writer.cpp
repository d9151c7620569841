#include "net/line_writer.hpp"

#include <algorithm>
#include <array>

#include <sys/uio.h>

namespace telltale::net {
namespace {

constexpr std::size_t kJoined = 64;  // lines of one write

}  // namespace

base::Result<void> LineWriter::write(std::string line) {
  if (queued_ + line.size() + 1 > limit_)
    return base::fail(base::Code::rate_limited, "the process does not read its stdin");
  line += '\n';
  queued_ += line.size();
  queue_.push_back(std::move(line));
  if (!held_ && !waits_) write_some();
  return {};
}

void LineWriter::release() {
  held_ = false;
  if (!waits_ && pipe_.is_open() && !queue_.empty()) write_some();
}

void LineWriter::close(bool after_queue) {
  closing_ = true;
  if (after_queue && !queue_.empty()) return;
  queue_.clear();
  queued_ = 0;
  pipe_.close();
}

void LineWriter::write_some() {
  while (!queue_.empty()) {
    std::array<iovec, kJoined> parts{};
    const auto count = std::min(queue_.size(), kJoined);
    for (std::size_t i = 0; i < count; ++i)
      parts[i] = {.iov_base = queue_[i].data(), .iov_len = queue_[i].size()};
    parts[0] = {.iov_base = queue_[0].data() + written_, .iov_len = queue_[0].size() - written_};
    const auto sent = ::writev(pipe_.fd(), parts.data(), static_cast<int>(count));
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return write_later();
    if (sent < 0) return close(false);  // it closed its stdin
    take_off(static_cast<std::size_t>(sent));
  }
  if (closing_) pipe_.close();
}

void LineWriter::take_off(std::size_t bytes) {
  written_ += bytes;
  while (!queue_.empty() && written_ >= queue_.front().size()) {
    written_ -= queue_.front().size();
    queued_ -= queue_.front().size();
    queue_.pop_front();
  }
}

void LineWriter::write_later() {
  waits_ = true;
  pipe_.async_wait(Ready::write, [this, owner = owner_.lock()](bool aborted) {
    waits_ = false;
    if (!aborted && pipe_.is_open()) write_some();
  });
}

}  // namespace telltale::net
