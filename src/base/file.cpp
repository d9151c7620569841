#include "base/file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace telltale::base {
namespace {

constexpr std::size_t kReadAtOnce = 64U << 10U;

std::unexpected<Error> failed(const std::string& path, std::string_view verb, int error) {
  if (error == ENOENT || error == ENOTDIR)
    return fail(Code::not_found, path + ": there is no such file or folder");
  return fail(Code::storage, fmt::format("{}: cannot be {}: {}", path, verb,
                                         std::generic_category().message(error)));
}

class Open {
 public:
  Open(const std::string& path, int flags) noexcept
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() { (void)close(); }
  int fd() const noexcept { return fd_; }
  // What a full disk or a network folder says only now.
  bool close() noexcept {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  Open file(path, O_RDONLY);
  if (file.fd() < 0) return failed(path, "read", errno);
  std::string out;
  for (;;) {  // not by its size: what a pipe or /proc has is known at its end
    const auto before = out.size();
    out.resize(before + kReadAtOnce);
    const auto got = ::read(file.fd(), out.data() + before, kReadAtOnce);
    if (got < 0 && errno != EINTR) return failed(path, "read", errno);
    out.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (out.size() > limit)
      return fail(Code::too_large,
                  fmt::format("{}: too large, at most {} bytes are taken", path, limit));
    if (got == 0) return out;
  }
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
  Open file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.fd() < 0) return failed(path, "written", errno);
  while (!bytes.empty()) {
    const auto put = ::write(file.fd(), bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return failed(path, "written", errno);
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  if (!file.close()) return failed(path, "written", errno);
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  const auto part = path + ".part";
  if (auto written = write_file(part, bytes); !written) {
    (void)::unlink(part.c_str());
    return written;
  }
  if (::rename(part.c_str(), path.c_str()) == 0) return {};
  const int error = errno;
  (void)::unlink(part.c_str());
  return failed(path, "written", error);
}

}  // namespace telltale::base
