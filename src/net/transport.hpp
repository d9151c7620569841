// Transport: a connected byte stream, TCP or TLS, behind one small interface, so that HTTP and
// WebSocket are compiled once over both. The two virtual calls never block and never wait; waiting
// is for readiness only, so that an idle connection owns no buffer. One reader and one writer at a
// time; home loop only. Nothing here raises SIGPIPE.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/uio.h>

#include "base/error.hpp"
#include "net/descriptor.hpp"

namespace telltale::net {

struct Io {
  enum class State { done, want_read, want_write, ended, failed };
  State state = State::done;
  std::size_t bytes = 0;
};

using Deadline = std::optional<base::SteadyTime>;

class Transport {
 public:
  Transport(runtime::Loop& loop, int fd, std::string remote_address);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual Io try_read(std::span<char> into) = 0;
  virtual Io try_write(std::span<const iovec> buffers) = 0;
  virtual runtime::TaskResult<bool> handshake(Deadline deadline) = 0;
  // No more bytes from us; the peer sees a regular end.
  virtual void finish() noexcept = 0;
  virtual bool secure() const noexcept = 0;

  // What came, empty at the end of the stream. The view is of a buffer all transports of this
  // thread share: it is good until the caller waits for anything.
  runtime::TaskResult<std::string_view> read_some(Deadline deadline);
  // The same without waiting: bytes, or what stands in their way (see read_some for how long they
  // are good). For who is idle for hours and wants no coroutine more than its own meanwhile; wait
  // on descriptor() and yield now and then.
  Io read_now(std::string_view& bytes);
  // What goes without waiting is taken off `buffers`; an Error as with write().
  base::Result<void> write_now(std::span<iovec>& buffers);
  // All of it, or an Error after which the stream is of no use.
  runtime::TaskResult<bool> write(std::vector<iovec> buffers, Deadline deadline);
  // Both directions end now; whoever waits wakes up and sees the end.
  void shutdown() noexcept;

  Descriptor& descriptor() noexcept { return descriptor_; }
  runtime::Loop& loop() const noexcept { return descriptor_.loop(); }
  const std::string& remote_address() const noexcept { return remote_address_; }

 protected:
  base::Error failure(std::string_view doing) const;
  int error_ = 0;  // errno of the last failed call
  // The last read took all there was: the next one waits before it tries. Never of TLS, which may
  // hold what it has read.
  bool drained_ = false;
  Descriptor descriptor_;

 private:
  std::string remote_address_;
  unsigned reads_this_turn_ = 0;
};

std::unique_ptr<Transport> make_tcp_transport(runtime::Loop& loop, int fd,
                                              std::string remote_address);

inline iovec io_buffer(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}
// A reader that takes its time may, but not less than 64 KiB in a second on the whole.
base::SteadyTime paced_deadline(base::SteadyTime start, base::Duration base_limit,
                                std::size_t bytes);

}  // namespace telltale::net
