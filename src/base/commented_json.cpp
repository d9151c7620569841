#include "base/commented_json.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace telltale::base {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // Windows editors put it first

// Where a person finds it: the line and the column of a byte, from 1.
std::string place_of(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, std::min(at, text.size()));
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto last = before.rfind('\n');
  const auto column = before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace

Result<Json> parse_commented_json(std::string_view text, JsonLimits limits) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > limits.max_bytes)
    return fail(Code::too_large, fmt::format("JSON of {} bytes; at most {} are taken", text.size(),
                                             limits.max_bytes));
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  options.allow_comments = true;
  options.allow_trailing_commas = true;
  boost::json::stream_parser parser({}, options);
  boost::system::error_code error;
  const auto used = parser.write(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (error)
    return fail(Code::invalid_argument,
                fmt::format("not valid JSON at {}: {}", place_of(text, used), error.message()));
  return parser.release();
}

}  // namespace telltale::base
