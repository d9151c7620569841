#include "content/varint.hpp"

namespace telltale::content {

base::Result<std::uint64_t> take_varint(std::string_view& in, std::size_t max_bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < in.size() && i < max_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    const std::uint64_t bits = byte & 0x7fU;
    if (i == 9 && bits > 1)
      return base::fail(base::Code::invalid_argument, "a number has more than 64 bits");
    value |= bits << (7 * i);
    if ((byte & 0x80U) != 0) continue;
    if (byte == 0 && i > 0)
      return base::fail(base::Code::invalid_argument, "a number is not in its shortest form");
    in.remove_prefix(i + 1);
    return value;
  }
  return base::fail(base::Code::invalid_argument,
                    in.size() < max_bytes ? "a number is cut short" : "a number is too long");
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) out += static_cast<char>(0x80U | (value & 0x7fU));
  out += static_cast<char>(value);
}

}  // namespace telltale::content
