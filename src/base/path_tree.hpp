// What lies below a directory of this machine: files, directories and links (which are not
// followed); paths relative to it, each directory before what is in it. Blocks; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace telltale::base {

struct TreePath {
  enum class Kind : std::uint8_t { file, directory, symlink };
  Kind kind = Kind::file;
  std::string path;
  std::string target = {};  // of a link
};

inline constexpr std::size_t kTreePaths = 1'000'000;

// `hidden`: also what begins with a dot. invalid_argument: it cannot be read, has too much, or has
// what is none of these (a socket, a device), named.
Result<std::vector<TreePath>> list_tree(const std::string& root, bool hidden);

}  // namespace telltale::base
