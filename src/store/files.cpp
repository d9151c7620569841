#include "store/files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace telltale::store {
namespace {

namespace fs = std::filesystem;

base::Result<void> sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool kept = fd >= 0 && ::fsync(fd) == 0;
  const int number = errno;
  if (fd >= 0) ::close(fd);
  if (!kept)
    return base::fail(base::Code::storage,
                      path + " may not be on disk: " + std::strerror(number));  // NOLINT
  return {};
}

}  // namespace

base::Result<FolderLock> FolderLock::take(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return base::fail(base::Code::storage,
                      "cannot make the folder " + folder + ": " + error.message());
  ::chmod(folder.c_str(), 0700);
  const auto file = (fs::path(folder) / "telltale.lock").string();
  const int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return base::fail(base::Code::storage, "cannot write into the state directory " + folder +
                                               ": " + std::strerror(errno));  // NOLINT
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return base::fail(base::Code::conflict,
                      "another Telltale uses " + folder +
                          "; stop it, or give this one its own --persistence-path");
  }
  return FolderLock(fd);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

base::Result<void> sync_file(const std::string& path) {
  return sync_path(path, O_RDONLY);
}

base::Result<void> sync_folder_of(const std::string& path) {
  return sync_path(fs::absolute(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace telltale::store
