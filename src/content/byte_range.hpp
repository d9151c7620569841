// The Range header (RFC 9110 section 14.2), one range of bytes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace telltale::content {

struct ByteRange {
  enum class Kind { whole, part, unsatisfiable };
  Kind kind = Kind::whole;
  std::uint64_t from = 0;
  std::uint64_t size = 0;
};

// What is no range of bytes, or several of them, is ignored, as the RFC allows: the whole file.
ByteRange read_range(std::string_view header, std::uint64_t file_size);

}  // namespace telltale::content
