// The protobuf wire format (encoding guide): the two wire types our formats use. Strict: a number
// in its shortest form, no groups, no fixed-width fields, nothing cut short. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::content {

struct PbField {
  std::uint64_t number = 0;
  bool is_bytes = false;
  std::uint64_t value = 0;  // of a number
  std::string_view bytes;   // of the other
};

// Takes one field from the front; `in` must not be empty.
base::Result<PbField> take_field(std::string_view& in);
std::unexpected<base::Error> bad_block(std::string detail);

void append_number(std::string& out, std::uint32_t field, std::uint64_t value);
void append_bytes(std::string& out, std::uint32_t field, std::string_view bytes);

}  // namespace telltale::content
