// A file as a whole, bounded: read, written in place, or replaced so that it is there whole or as
// it was. Blocking: on a loop only by way of runtime::BlockingPool. Errors name the path, so they
// are for who named it; a caller whose errors reach others words his own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::base {

// not_found: there is none; too_large: over `limit` bytes; storage: it cannot be read.
Result<std::string> read_file(const std::string& path, std::size_t limit);

// What a person names may be a pipe or /dev/stdout.
Result<void> write_file(const std::string& path, std::string_view bytes);

// By way of `path`.part and a rename.
Result<void> replace_file(const std::string& path, std::string_view bytes);

}  // namespace telltale::base
