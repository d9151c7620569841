#include "base/path_tree.hpp"

#include <algorithm>
#include <filesystem>

namespace telltale::base {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> bad(const fs::path& path, const std::string& what) {
  return fail(Code::invalid_argument, path.string() + " " + what);
}

}  // namespace

Result<std::vector<TreePath>> list_tree(const std::string& root, bool hidden) {
  std::error_code error;
  fs::recursive_directory_iterator at(root, error);
  if (error) return bad(root, "cannot be read");
  std::vector<TreePath> out;
  using Kind = TreePath::Kind;
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    const auto& path = at->path();
    const auto kind = at->symlink_status(error).type();
    if (!hidden && path.filename().native().starts_with('.')) {
      at.disable_recursion_pending();
      continue;
    }
    TreePath one{.path = path.lexically_relative(root).generic_string()};
    if (kind == fs::file_type::symlink) {
      one.kind = Kind::symlink;
      one.target = fs::read_symlink(path, error).string();
    } else if (kind == fs::file_type::directory) {
      one.kind = Kind::directory;
    } else if (kind != fs::file_type::regular) {
      return bad(path, "is neither a file, a directory nor a link");
    }
    if (error) return bad(path, "cannot be read");
    if (out.size() >= kTreePaths) return bad(root, "has too many files");
    out.push_back(std::move(one));
  }
  if (error) return bad(root, "cannot be read through");
  std::ranges::sort(out, {}, &TreePath::path);
  return out;
}

}  // namespace telltale::base
