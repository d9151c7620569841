// Queries of metrics: what is read is written and reads again to the same; an error names its
// place; a pattern ends whatever it is.
#include "fuzz.hpp"
#include "series/expression.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  static_cast<void>(series::parse_duration(text, "/step"));
  static_cast<void>(series::parse_matchers(text, "/labels"));
  if (const auto pattern = series::Pattern::compile(text.substr(0, 64)))
    static_cast<void>(pattern->fits(text.substr(0, 256)));
  const auto parsed = series::parse_expression(text, "/q");
  if (!parsed) {
    fuzz::require(parsed.error().fields.size() == 1, "an error names its field");
    return 0;
  }
  const auto written = series::text_of(*parsed);
  if (written.size() > series::kExpressionMax) return 0;
  const auto again = series::parse_expression(written, "/q");
  fuzz::require(again && series::text_of(*again) == written, "a query there and back");
  return 0;
}
