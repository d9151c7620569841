#include "catalog/spans.hpp"

#include <chrono>

#include <fmt/format.h>

namespace telltale::catalog {

namespace {

std::int64_t in_us(base::Duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

double in_ms(const base::Json& us) {
  return us.is_int64() ? static_cast<double>(us.get_int64()) / 1000 : 0;
}

base::JsonObject describe(const base::JsonArray& span) {
  return {{"name", span[0]},
          {"detail", span[1]},
          {"from_ms", in_ms(span[2])},
          {"to_ms", span[3].is_null() ? base::Json(nullptr) : base::Json(in_ms(span[3]))},
          {"parent", span[4]},
          {"ok", span[5].is_int64() && span[5].get_int64() == 1}};
}

}  // namespace

std::string spans_text(const runtime::Trace& trace) {
  const auto spans = trace.spans();
  if (spans.records.empty()) return {};
  fmt::memory_buffer out;
  char before = '[';
  for (const auto& span : spans.records) {
    fmt::format_to(std::back_inserter(out), "{}[\"{}\",{},{},{},{},{}]", before, span.name,
                   span.detail.empty() ? "\"\"" : base::write_json(base::Json(span.detail)),
                   in_us(span.from), span.open ? "null" : fmt::format_int(in_us(span.to)).c_str(),
                   span.parent, span.ok ? 1 : 0);
    before = ',';
  }
  if (spans.dropped > 0)
    fmt::format_to(std::back_inserter(out), ",[\"dropped\",\"{} more\",0,0,-1,1]", spans.dropped);
  out.push_back(']');
  return fmt::to_string(out);
}

base::JsonArray describe_spans(std::string_view text) {
  base::JsonArray out;
  if (text.empty()) return out;
  const auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_array()) return out;
  for (const auto& span : parsed->get_array())
    if (span.is_array() && span.get_array().size() == 6) out.push_back(describe(span.get_array()));
  return out;
}

}  // namespace telltale::catalog
