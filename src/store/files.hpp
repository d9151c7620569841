// Files of the state directory: the lock of one process, and what is really on disk. Blocks.
#pragma once

#include <string>

#include "base/error.hpp"

namespace telltale::store {

// One Telltale per state directory: the lock ends with the process, however it ends.
class FolderLock {
 public:
  // Makes the folder (0700) when it is not there; `conflict` when another process has it.
  static base::Result<FolderLock> take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

base::Result<void> sync_file(const std::string& path);
base::Result<void> sync_folder_of(const std::string& path);

}  // namespace telltale::store
