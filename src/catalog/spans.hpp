// The spans of an operation: as text for its record, as objects for who asks for it.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "runtime/trace.hpp"

namespace telltale::catalog {

// [[name, detail, from, to, parent, ok], …]: µs since the operation began, parent -1 is the
// operation; to is null of what was never over. "" when there are none.
std::string spans_text(const runtime::Trace& trace);
// [{name, detail, from_ms, to_ms, parent, ok}, …] of such a text; what is no such text gives none.
base::JsonArray describe_spans(std::string_view text);

}  // namespace telltale::catalog
