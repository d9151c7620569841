// Unsigned LEB128 numbers of multiformats (unsigned-varint spec: at most 9 bytes) and protobuf (at
// most 10). Only the shortest form is read: a number has one spelling, so a CID has one too. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::content {

inline constexpr std::size_t kMultiformatBytes = 9;
inline constexpr std::size_t kProtobufBytes = 10;

// Takes the number from the front of `in`; invalid_argument when it is cut short, too long or not
// the shortest form.
base::Result<std::uint64_t> take_varint(std::string_view& in, std::size_t max_bytes);
void append_varint(std::string& out, std::uint64_t value);

}  // namespace telltale::content
