// The file operations of DiskStore: whole files in, whole files out. Blocks. Errors are of code
// storage and name no path: they reach the caller.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::content {

base::Result<void> make_private_folder(const std::string& path);  // 0700
// Nothing when there is no such file; not more than `limit` bytes of it.
base::Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit);
// All of it, mode 0600, or no file. The path must not exist.
base::Result<void> write_file(const std::string& path, std::string_view bytes);
base::Result<void> sync_file_system(const std::string& folder);
base::Error disk_error(int number, std::string_view doing);

}  // namespace telltale::content
