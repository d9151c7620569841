#include "presence/messages.hpp"

#include <algorithm>

namespace telltale::presence {
namespace {

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

base::Result<void> check_page(std::string_view page) {
  if (!page.starts_with('/') || page.starts_with("//") || !is_plain(page) ||
      page.find_first_of("?#") != std::string_view::npos)
    return base::bad_field("/page", "must be a path of the dashboard, without its query");
  return {};
}

}  // namespace

base::Result<void> check(const Place& place) {
  if (auto fine = check_page(place.page); !fine) return fine;
  if (!is_plain(place.query)) return base::bad_field("/query", "must be one line");
  return {};
}

base::Result<void> check(const Cursor& cursor) {
  if (auto fine = check_page(cursor.page); !fine) return fine;
  if (const auto& at = cursor.anchor) {
    if (at->element.has_value() == at->chart.has_value())
      return base::bad_field("/anchor", "must have either `element` or `chart`");
    if (at->element && (!at->x || !at->y))
      return base::bad_field("/anchor/x", "an element's place is `x` and `y`, each 0 to 1");
    if (at->chart && !at->time)
      return base::bad_field("/anchor/time", "a chart's place has a `time` in seconds");
  }
  if (const auto& span = cursor.selection) {
    if (span->element.has_value() == span->chart.has_value())
      return base::bad_field("/selection", "must have either `element` or `chart`");
    if (span->chart && (!span->from || !span->to || *span->from > *span->to))
      return base::bad_field("/selection/from", "a span of a chart is `from` and a later `to`");
  }
  return {};
}

}  // namespace telltale::presence
