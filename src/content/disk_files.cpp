#include "content/disk_files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace telltale::content {
namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

}  // namespace

base::Error disk_error(int number, std::string_view doing) {
  if (number == ENOSPC || number == EDQUOT)
    return {.code = base::Code::storage,
            .detail =
                "the disk of the content store is full: free some, or move it with "
                "--parquet-cache-path"};
  return {.code = base::Code::storage,
          .detail = "the content store cannot " + std::string(doing) + ": " +
                    std::strerror(number)};  // NOLINT(concurrency-mt-unsafe)
}

base::Result<void> make_private_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return std::unexpected(disk_error(errno, "make its folder"));
  if (::chmod(path.c_str(), 0700) != 0)
    return std::unexpected(disk_error(errno, "make its folder private"));
  return {};
}

base::Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return std::unexpected(disk_error(errno, "read a block"));
  }
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return std::unexpected(disk_error(errno, "read a block"));
  std::string out(std::min(static_cast<std::size_t>(facts.st_size), limit), '\0');
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::read(file.get(), out.data() + done, out.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(disk_error(errno, "read a block"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  out.resize(done);
  return out;
}

base::Result<void> write_file(const std::string& path, std::string_view bytes) {
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return std::unexpected(disk_error(errno, "make a file"));
  int failure = 0;
  while (!bytes.empty() && failure == 0) {
    const auto wrote = ::write(file.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno != EINTR) failure = errno;
    if (wrote > 0) bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (!file.close() && failure == 0) failure = errno;
  if (failure == 0) return {};
  ::unlink(path.c_str());
  return std::unexpected(disk_error(failure, "write a block"));
}

base::Result<void> sync_file_system(const std::string& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || ::syncfs(file.get()) != 0)
    return std::unexpected(disk_error(errno, "put its blocks on disk"));
  return {};
}

}  // namespace telltale::content
