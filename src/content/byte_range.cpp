#include "content/byte_range.hpp"

#include <algorithm>
#include <charconv>

namespace telltale::content {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return out;
}

}  // namespace

ByteRange read_range(std::string_view header, std::uint64_t file_size) {
  const ByteRange whole{.kind = ByteRange::Kind::whole, .from = 0, .size = file_size};
  if (!header.starts_with("bytes=")) return whole;
  header.remove_prefix(6);
  const auto dash = header.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto first = header.substr(0, dash), last = header.substr(dash + 1);
  ByteRange out{.kind = ByteRange::Kind::part};
  if (first.empty()) {
    const auto suffix = number(last);
    if (!suffix) return whole;
    out.size = std::min(*suffix, file_size);
    out.from = file_size - out.size;
  } else {
    const auto from = number(first);
    const auto to = last.empty() ? std::optional(~std::uint64_t{0}) : number(last);
    if (!from || !to || *to < *from) return whole;
    out.from = *from;
    if (*from < file_size) out.size = std::min(*to, file_size - 1) - *from + 1;
  }
  if (out.size == 0) out.kind = ByteRange::Kind::unsatisfiable;
  return out;
}

}  // namespace telltale::content
