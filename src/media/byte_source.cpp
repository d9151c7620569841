#include "media/byte_source.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace telltale::media {

base::Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path) {
  // Not blocking: a named pipe must not hold us up before we see that it is none of ours.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0)
    return base::fail(errno == ENOENT ? base::Code::not_found : base::Code::unavailable,
                      std::string("cannot open the file: ") + std::strerror(errno));
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return base::fail(base::Code::invalid_argument, "it is not a regular file");
  }
  return std::unique_ptr<FileSource>(
      new FileSource(descriptor, static_cast<std::uint64_t>(status.st_size)));
}

FileSource::~FileSource() {
  ::close(descriptor_);
}

base::Result<std::size_t> FileSource::read(std::uint64_t offset, std::span<std::uint8_t> out) {
  const auto got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
  if (got < 0)
    return base::fail(base::Code::storage,
                      std::string("cannot read the file: ") + std::strerror(errno));
  return static_cast<std::size_t>(got);
}

}  // namespace telltale::media
